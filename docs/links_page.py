"""The generated parts of docs/links.md: what can become of a link, and a report of four links as an example."""

from __future__ import annotations

from dataclasses import replace

from links.client import Answer, Hop, Silent
from links.found import DIED, OUTCOMES, Link, judged
from links.report import Report

__all__ = ["outcomes", "report"]


def outcomes() -> str:
    """What can become of a link, as a table."""
    lines = ["| outcome | meaning | counts as dead |", "|---|---|---|"]
    for outcome, means in OUTCOMES.items():
        dead = "at the second check" if outcome == "unreachable" else "yes" if outcome in DIED else ""
        lines.append(f"| {outcome} | {means} | {dead} |")
    return "\n".join(lines)


def report() -> str:
    """What `links check` prints for four links."""
    before, today = "2026-11-02", "2026-12-02"
    silent = Silent("no host of this name was found")
    pdf = {"content-type": "application/pdf"}
    moved = "https://agency.example/archive/2021/report.pdf"
    got: dict[Link, Answer | Silent] = {
        Link("agency-2021", "url", "https://agency.example/report.pdf", 7): Answer(
            moved, 200, pdf, b"", (Hop(301, moved),)
        ),
        Link("ministry-2015-06-11", "url", "https://ministry.example/news/411", 12): Answer("", 404, {}),
        Link("daily-2019", "url", "https://daily.example/a", 40, copy="https://mirror.example/daily/a"): silent,
        Link("un-2020", "url", "https://un.example/report.pdf", 90): Answer("", 200, pdf),
    }
    found = []
    for link, answer in got.items():
        was = judged(link, answer if isinstance(answer, Silent) else replace(answer, status=200), None, before)
        found.append(judged(link, answer, was, today))
    return f"```text\n{Report(today, list(got), found).text()}```"

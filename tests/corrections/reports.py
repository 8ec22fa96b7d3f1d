"""Reports as GitHub makes them of a form that was filled in, and reports about the small package that can be applied."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from corrections.forms import forms

NEW_SOURCE = {
    "source_title": "Frontex in the region",
    "source_publisher": "Ministry of the Interior",
    "source_kind": "official_press",
    "source_published": "2025-07-01",
    "source_url": "https://example.org/frontex",
    "source_language": "en",
    "locator": "second paragraph",
}
#: For each form, answers that can be applied to the small package.
VALID = {
    "wrong-value": {
        "record": "dep-frontex-wb6-2025-06",
        "action": "change",
        "field": "officers",
        "old": "500",
        "new": "480",
        "qualifier": "exact",
        "reason": "The ministry gives the exact strength.",
        **NEW_SOURCE,
    },
    "missing-record": {
        "table": "deployments",
        "values": "Title: Frontex officers in the region, July 2025\nagency: frontex\nhosts: WB6\nevent: snapshot\n"
        "date: 2025-07-01\nofficers: about 480 @ p. 3\nmeasure: present",
        "reason": "The strength of July is missing.",
        **NEW_SOURCE,
    },
    "new-source": {
        "record": "dep-frontex-wb6-2025-06",
        "field": "officers",
        "old": "500",
        "new": "500",
        "qualifier": "about",
        "reason": "The ministry gives the same strength.",
        **NEW_SOURCE,
    },
    "dead-link": {
        "record": "founding-article",
        "old": "",  # filled in by `valid`
        "url": "https://example.org/moved",
        "archive_url": "https://web.archive.org/web/2026/https://example.org/moved",
        "reason": "The page has moved, and there is a copy of it.",
    },
}


def filled(form: str, /, **answers: str) -> str:
    """The text that GitHub makes of a form: options by their words."""
    parts = []
    for question in forms()[form].questions:
        said = answers.get(question.id, "")
        said = next((shown for shown in question.options if shown.endswith(f"({said})")), said)
        if question.id == "values":
            said = f"```text\n{said}\n```"
        parts.append(f"### {question.label}\n\n{said or '_No response_'}")
    return "\n\n".join(parts).replace("\n", "\r\n")


def payload(folder: Path, body: Any, **issue: Any) -> Path:
    """A file as GitHub hands it to a workflow on issues."""
    made = {"number": 12, "title": "[value] ", "created_at": "2026-11-24T10:00:00Z", "labels": [], "body": body}
    made["user"] = {"login": "someone-who-reports", "email": "someone@example.org"}
    file = folder / "event.json"
    file.write_text(json.dumps({"action": "opened", "issue": made | issue}), encoding="utf-8")
    return file

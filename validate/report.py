"""What validation says: findings, and the report that holds them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import islice

from borderledger.output.escape import markdown, printable
from borderledger.package import Finding
from borderledger.query.grades import GRADES

__all__ = ["FORMATS", "Report", "TableSummary", "numbered"]


@dataclass(frozen=True)
class TableSummary:
    """Rows of a table; records by evidence grade; corroborated and disputed fields, and those with a primary source.

    Tables without evidence have none of these. Of records from a publisher's file, fields without a claim do not count.

    A record has the grade of its worst field; so most corroborated fields are in records of another grade.
    """

    table: str
    rows: int
    grades: tuple[tuple[str, int], ...]
    corroborated: int
    disputes: int
    primary: int
    findings: int


@dataclass(frozen=True)
class Report:
    """All findings, in the order of files and lines, and a summary of each table that could be read.

    `usable` is False when there was no package to check at all (no descriptor, no table); the exit code is then 2.
    """

    findings: tuple[Finding, ...]
    tables: tuple[TableSummary, ...]
    usable: bool = True

    @property
    def ok(self) -> bool:
        """Whether there is nothing to say."""
        return self.usable and not self.findings

    @property
    def exit_code(self) -> int:
        """0 clean, 1 findings, 2 nothing could be checked."""
        return 0 if self.ok else 1 if self.usable else 2

    def text(self, color: bool = False) -> str:
        """Findings with what to do about each, then the summary by table."""
        red, dim, off = ("\033[31m", "\033[2m", "\033[0m") if color else ("", "", "")
        lines = []
        for finding in self.findings:
            lines += [f"{red}{printable(str(finding))}{off}", f"{dim}    {printable(finding.fix)}{off}"]
        if self.tables:
            lines += ["", *_columns(self._summary())] if lines else _columns(self._summary())
        count = len(self.findings)
        lines += ["", "No findings." if self.ok else f"{count} finding{'s' if count > 1 else ''}."]
        return "\n".join(lines) + "\n"

    def json(self) -> str:
        """The report as one JSON object: ok, findings, tables."""
        content = {"ok": self.ok, "findings": [asdict(f) for f in self.findings]}
        content["tables"] = [{**asdict(t), "grades": dict(t.grades)} for t in self.tables]
        text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
        return text.encode("utf-8", "backslashreplace").decode()  # half a surrogate pair is no UTF-8

    def github(self) -> str:
        """Workflow commands, which GitHub shows as annotations on the changed lines."""
        lines = []
        for f in self.findings:
            place = f"file={_escaped(f.file, property=True)},line={max(f.line, 1)},title={f.rule}"
            lines.append(
                f"::error {place}::{_escaped(': '.join(filter(None, (f.field, f.message))))}%0A{_escaped(f.fix)}"
            )
        return "".join(line + "\n" for line in lines) or "No findings.\n"

    def markdown(self) -> str:
        """Findings and summary as Markdown tables, with all text from data escaped."""
        lines = []
        if self.findings:
            lines += ["| where | field | what is wrong | what to do | rule |", "|---|---|---|---|---|"]
            for f in self.findings:
                where = f"{f.file}:{f.line}" if f.line else f.file
                cells = (where, f.field, f.message, f.fix, f.rule)
                lines.append("| " + " | ".join(markdown(cell) for cell in cells) + " |")
            lines.append("")
        if self.tables:
            head, *rows = self._summary()
            lines += ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
            lines += ["| " + " | ".join(map(markdown, row)) + " |" for row in rows]
        if self.ok:
            lines += ["", "No findings."]
        return "\n".join(lines) + "\n"

    def _summary(self) -> list[list[str]]:
        grades = [g for g in GRADES if any(dict(t.grades).get(g) for t in self.tables)]
        rows = [["table", "rows", *grades, *_FIELDS, "findings"]]
        total: Counter[str] = Counter()
        for t in self.tables:
            fields = dict(zip(_FIELDS, (t.corroborated, t.disputes, t.primary), strict=True))
            counts = {"rows": t.rows, **dict(t.grades), **fields, "findings": t.findings}
            total.update(counts)
            graded = bool(t.grades)
            shown = [str(counts.get(name, 0)) if graded or name in ("rows", "findings") else "" for name in rows[0][1:]]
            rows.append([printable(t.table), *shown])
        rows.append(["all", *(str(total[name]) for name in rows[0][1:])])
        return rows


_FIELDS = ("corroborated fields", "disputed fields", "primary fields")
FORMATS = {"text": Report.text, "json": Report.json, "github": Report.github, "markdown": Report.markdown}


def _columns(rows: list[list[str]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def numbered(lines: Sequence[int], but: int = 0, most: int = 12) -> str:
    """The first of some lines for a message, and how many more there are; `but` is the line that it is about."""
    shown = ", ".join(map(str, islice((line for line in lines if line != but), most)))
    more = len(lines) - bool(but) - most
    return f"{shown} and {more} more" if more > 0 else shown


def _escaped(text: str, property: bool = False) -> str:
    text = printable(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))
    return text.replace(":", "%3A").replace(",", "%2C") if property else text

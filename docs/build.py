"""python -m docs.build: regenerate the pages and the pictures that come from the schemas, the rules and the data.

Pages that quote the data are those of the last release. While the data differ from it, they stay as they are, so that a
correction changes no page. `--release` regenerates them for the next release. `--check` writes nothing, and fails if a
page is not as it would be written.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import textwrap
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from audit.answers import RULES as AUDIT
from audit.report import markdown as rates
from borderledger.dataset import Dataset
from borderledger.output.console import run
from borderledger.package import RULES, Field, Package, Table
from borderledger.package.files import write_bytes
from borderledger.query.checks import said, together
from borderledger.query.grades import GRADES
from corrections.document import RULES as CORRECTIONS
from corrections.schema import SCHEMA, options
from docs import links_page
from docs.executed import executed
from docs.modules import modules
from docs.transcripts import transcripts
from release.manifest import is_released
from release.metadata import citation_file, facts
from release.metadata.description import json_bytes
from release.metadata.zenodo import zenodo
from validate.cells import cell_tests, text_test
from validate.engine import ENGINE, check
from validate.evidence import EVIDENCE
from validate.ledger import Ledger
from validate.reading import LINE
from validate.rules import rules_of
from validate.structure import STRUCTURE

ROOT = Path(__file__).parents[1]
FOUNDING = "founding-article"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write every generated file whose content has changed; return the exit code."""
    return run("docs", lambda: _run(arguments), "interrupted")


def _run(arguments: Sequence[str] | None) -> int:
    parser = argparse.ArgumentParser(prog="python -m docs.build", description=__doc__)
    parser.add_argument("--release", action="store_true", help="also the pages that quote the data")
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if a page is stale")
    options = parser.parse_args(arguments)
    package = Package.read(ROOT)
    if package.problems:  # pages would show tables that could not be read in full
        sys.stderr.write(check(ROOT).text())
        print("docs: nothing was written, because the tables cannot be read.", file=sys.stderr)
        return 2
    made = pages_of_schemas(package)
    if options.release or is_released(ROOT):
        made |= pages_of_data(package)
    else:
        print("The data differ from the last release. Pages that quote them stay as they are (--release writes them).")
    stale = {path: text for path, text in made.items() if not _holds(ROOT / path, text)}
    for path, text in stale.items():
        if not options.check:
            write_bytes(ROOT / path, text.encode())
        print(f"{'stale' if options.check else 'written'}: {path}")
    return 1 if stale and options.check else 0


def _holds(file: Path, text: str) -> bool:
    return file.exists() and file.read_text(encoding="utf-8") == text


def pages_of_schemas(package: Package) -> dict[str, str]:
    """The right content of each file that follows from the schemas, the rules and the code, by its path."""
    return {
        "docs/data-dictionary.md": data_dictionary(package),
        "docs/rules.md": rules(package),
        "docs/developing.md": _between(_read("docs/developing.md"), "modules", modules(ROOT)),
        "docs/corrections.md": _between(_read("docs/corrections.md"), "keys", correction_keys()),
        "docs/links.md": _between(
            _between(_read("docs/links.md"), "outcomes", links_page.outcomes()), "report", links_page.report()
        ),
    }


def pages_of_data(package: Package) -> dict[str, str]:
    """The right content of each file that quotes the data, by its path. Runs the code and the commands in the pages."""
    analysts, pictures = executed(_read("docs/analysts.md"))
    known = facts(Dataset(package.root), {})
    scenes = transcripts(package)
    return {
        "docs/analysts.md": analysts,
        **{f"docs/{name}": picture for name, picture in pictures.items()},
        "docs/returns.svg": picture(package),
        "CITATION.cff": citation_file(known, released=False),
        ".zenodo.json": json_bytes(zenodo(known, released=False)).decode(),
        "README.md": _readme(),
        "CONTRIBUTING.md": _with_scenes(_read("CONTRIBUTING.md"), scenes),
        "docs/step-by-step.md": _with_scenes(_read("docs/step-by-step.md"), scenes),
        "docs/audit.md": _with_scenes(_read("docs/audit.md"), scenes),
        "docs/methodology.md": _methodology(package),
    }


# --- data dictionary -------------------------------------------------------------------------------------------------


def data_dictionary(package: Package) -> str:
    """docs/data-dictionary.md: every table and field, from the schemas."""
    lines = [
        "# Data dictionary",
        "",
        "What each table holds, what it does not cover, and what each column means. `make docs` generates this page",
        "from schemas/. To change it, edit the schemas.",
        "",
        "An empty cell means *not known*. A **bound** field is evidence-bound: each filled cell equals a claim of",
        "a cited source (data/claims.csv), or a control total guards its row (data/control_totals.csv). Dates are in",
        "EDTF: `2025`, `2025-06`, `2025-06-11`, `2025-06~` (about), `2020-11/2022-10` (interval), `../2025-06` (open).",
        "The items of a list are separated by `;`.",
        "",
        "| table | what it holds |",
        "|---|---|",
    ]
    for table in package.tables.values():
        lines.append(f"| [{table.name}](#{table.name}) | {table.description.split('. ')[0].rstrip('.')}. |")
    for table in package.tables.values():
        lines += ["", *_table_section(table)]
    return "\n".join(lines) + "\n"


def _table_section(table: Table) -> Iterator[str]:
    yield from (f"## {table.name}", "", table.description, "")
    if table.not_covered:
        yield from (f"**What it does not cover.** {table.not_covered}", "")
    yield f"File: `{table.path}`. Key: {', '.join(f'`{name}`' for name in table.key)}."
    bodies = [*(f"those in `{name}`" for name in table.bodies), *(f"`{body}`" for body in table.always)]
    if bodies:
        yield f"Documents of these bodies are primary sources: {', '.join(bodies)}."
    yield from ("", "| field | type | bound | meaning |", "|---|---|---|---|")
    for field in table.fields:
        bound = "yes" if field.bound else ""
        yield f"| `{field.name}` | {_type(table, field)} | {bound} | {_cell(field.description)} |"
    for field in table.fields:
        if field.categories:
            yield from ("", f"Values of `{table.name}.{field.name}`:", "")
            yield from (f"- `{value}`: {label}" for value, label in field.categories.items())


def _type(table: Table, field: Field) -> str:
    kind = "EDTF date" if field.edtf else "list" if field.delimiter else field.type
    targets = [key.table for key in table.foreign_keys if key.field == field.name] or list(field.refers_to)
    notes = [f"of {' or '.join(targets)}" if field.delimiter else f"→ {' or '.join(targets)}"] if targets else []
    if field.required:
        notes.append("required")
    return _cell(", ".join([" ".join([kind, *notes[:1]]) if targets else kind, *notes[len(targets) > 0 :]]))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


# --- rules -----------------------------------------------------------------------------------------------------------


def rules(package: Package) -> str:
    """docs/rules.md: every rule with its reason and, if it is the same for all rows, what to do."""
    lines = [
        "# Rules",
        "",
        "Every check that a table or a correction must pass, and the reason for it. If a row breaks a rule,",
        "`python -m validate` and `python -m corrections` name the file, the line and the field, give the rule in",
        "square brackets, and say what to do. `make docs` generates this page from the code.",
    ]
    for title, reasons in (
        ("Reading the files", RULES),
        ("Structure", {**STRUCTURE, **_cell_rules(package)}),
        ("Evidence", EVIDENCE),
        ("The run as a whole", ENGINE),
        ("Corrections, before they are applied", CORRECTIONS),
        ("Worksheets of an audit, before they are entered", AUDIT),
    ):
        lines += ["", f"## {title}", "", "| rule | why |", "|---|---|"]
        lines += [f"| `{rule}` | {_cell(why)} |" for rule, why in sorted(reasons.items())]
    found: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for rule in rules_of(package.tables):
        found[rule.id, rule.why, rule.fix].add(f"{rule.table}.{rule.field}")
    lines += [
        "",
        "## What a domain expert would check",
        "",
        "| rule | why | field that the message names | what to do |",
        "|---|---|---|---|",
    ]
    for (name, why, fix), places in sorted(found.items()):
        every = name == "text.personal"
        shown = "every text field" if every else ", ".join(f"`{place}`" for place in sorted(places))
        lines.append(f"| `{name}` | {_cell(why)} | {shown} | {_cell(fix)} |")
    return "\n".join(lines) + "\n"


def _cell_rules(package: Package) -> dict[str, str]:
    fields = [field for table in package.tables.values() for field in table.fields]
    tests = [test for field in fields for test in (*cell_tests(field), *text_test())]
    return {test.rule: test.why for test in reversed(tests)}


# --- corrections -----------------------------------------------------------------------------------------------------


def correction_keys() -> str:
    """The keys of a correction and their meaning, from schemas/correction.schema.json."""
    schema = json.loads(SCHEMA.read_bytes())
    lines = ["| action | what happens to the record |", "|---|---|"]
    lines += [f"| `{word}` | {_cell(means)} |" for word, means in options("action").items()]
    lines += ["", "| key | meaning |", "|---|---|"]
    for key, what in schema["properties"].items():
        if key != "action":
            needed = " Required." if key in schema["required"] else ""
            lines.append(f"| `{key}` | {_cell(what['description'])}{needed} |")
    lines += ["", "Each entry of `values` has these keys:", "", "| key | meaning |", "|---|---|"]
    value = schema["$defs"]["value"]
    lines += [f"| `{key}` | {_cell(what['description'])} |" for key, what in value["properties"].items()]
    lines += ["", "| `old_claim` | what happens to a claim with the old value |", "|---|---|"]
    lines += [f"| `{word}` | {_cell(means)} |" for word, means in options("old_claim").items()]
    return "\n".join(lines)


# --- picture ---------------------------------------------------------------------------------------------------------


def picture(package: Package) -> str:
    """docs/returns.svg: persons returned to each partner in operations coordinated by Frontex, by year."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt
    import pandas as pd

    frame = pd.DataFrame(package.sheets["returns"].records().values())
    totals = package.sheets["control_totals"].records().values()
    bulk = {row["source_id"] for row in totals if row["table"] == "returns"}
    rows = frame[frame["source_id"].isin(bulk) & (frame["reported_by"] == "frontex")]
    counts = rows.assign(year=rows["period"].str[:4].astype(int), persons=rows["quantity"].astype(int))
    table = counts.pivot_table(index="year", columns="to_place", values="persons", aggfunc="sum", fill_value=0)
    names = {row["id"]: row["name"] for row in package.sheets["places"].records().values()}
    with plt.rc_context({"svg.hashsalt": "borderledger", "svg.fonttype": "none", "font.size": 9}):
        figure, axes = plt.subplots(figsize=(8, 3.6), layout="constrained")
        bottom = table.iloc[:, 0] * 0
        for place, color in zip(table.sum().sort_values(ascending=False).index, _COLORS, strict=False):
            name = names[place] + ("*" if place == "XK" else "")
            axes.bar(table.index, table[place], bottom=bottom, label=name, color=color, width=0.8)
            bottom = bottom + table[place]
        axes.set_title("Persons returned in operations coordinated by Frontex, by destination", loc="left")
        axes.set_xticks(list(table.index)[::2])
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, loc="upper left")
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
        plt.close(figure)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


_COLORS = ("#1b4965", "#ca6702", "#5fa8d3", "#94a89a", "#9b2226", "#e9d8a6")


# --- generated parts of pages that people write ---------------------------------------------------------------


def founding_article(package: Package) -> str:
    """What the founding article states about each record, with the grades and the number of other sources."""
    ledger = Ledger(package)
    grades = {(row["record_id"], row["field"]): row["grade"] for row in ledger.fetch(ledger.graded)}
    stated: dict[str, list[str]] = defaultdict(list)
    citing: dict[str, set[str]] = defaultdict(set)
    for claim in sorted(ledger.fetch(ledger.claims), key=lambda claim: int(claim[LINE])):
        citing[claim["record_id"]].add(claim["source_id"])
        if claim["source_id"] == FOUNDING:
            stated[claim["record_id"]].append(claim["field"])
    titles = {
        row["id"]: row["title"]
        for table in package.core
        if "title" in table.names
        for row in ledger.fetch(ledger.rows(table.name).select("id", "title"))
    }
    lines = ["| record | its fields, by grade | other sources |", "|---|---|---:|"]
    for record, fields in sorted(stated.items()):
        found = Counter(grades[record, field] for field in fields if (record, field) in grades)
        shown = ", ".join(f"{count} {name}" for name in GRADES if (count := found[name]))
        label = f"{_cell(titles[record])} (`{record}`)" if record in titles else f"`{record}`"
        lines.append(f"| {label} | {shown} | {len(citing[record]) - 1} |")
    return "\n".join(lines)


def _methodology(package: Package) -> str:
    text = _between(_read("docs/methodology.md"), FOUNDING, founding_article(package))
    return _between(text, "checks", how_often_wrong(Dataset(package.root)))


def how_often_wrong(dataset: Dataset) -> str:
    """The rates of all audits together."""
    found = together(dataset)
    return rates([found]).strip() if found else "No audit has been entered yet."


def _readme() -> str:
    audit = together(Dataset(ROOT))
    text = _between(_read("README.md"), "checks", "\n".join(textwrap.wrap(said(audit) if audit else "", 120)))
    return executed(_between(text, "output of `make validate`", f"```text\n{check(ROOT).text()}```"))[0]


def _with_scenes(text: str, scenes: Mapping[str, str]) -> str:
    """A page, with the output of each command that it shows."""
    for name, shown in scenes.items():
        if f"<!-- transcript: {name} -->" in text:
            text = _between(text, f"transcript: {name}", f"```text\n{shown}\n```")
    return text


def _read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def _between(text: str, mark: str, content: str) -> str:
    """A page with new content between `<!-- mark -->` and `<!-- end of mark -->`."""
    start, end = f"<!-- {mark} -->\n", f"\n<!-- end of {mark} -->"
    if text.count(start) != 1 or text.count(end) != 1:
        raise ValueError(f"the marks {start.strip()} and {end.strip()} must stand once each")
    return text[: text.index(start) + len(start)] + content + text[text.index(end) :]


if __name__ == "__main__":
    sys.exit(main())

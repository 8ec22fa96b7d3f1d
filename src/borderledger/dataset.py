"""One version of the dataset: the one that the package carries, or a release or checkout that you open.

The functions of `borderledger` are the methods of the embedded version.
"""

from __future__ import annotations

import os
import sys
import zipfile
from collections.abc import Collection, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from borderledger.errors import BadArgument, CorruptPackage, shown
from borderledger.output import citation
from borderledger.output.frames import to_frame, to_pandas
from borderledger.package.zipped import Zipped, member_path
from borderledger.query import describe, evidence, history, load
from borderledger.query.as_of import Day, day_of
from borderledger.query.evidence import Graded

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

    from borderledger.query.load import LoadOptions

__all__ = ["Dataset", "embedded", "open"]


class Dataset(Graded):
    """A version of the dataset. `borderledger.open` makes one; a file is read when it is first needed, and only once.

    Raises CorruptPackage, here or on first use of a file, when a file cannot be read or does not have the hash that
    the descriptor gives for it.
    """

    # --- tables ------------------------------------------------------------------------------------------------------

    @overload
    def load(
        self,
        table: str,
        as_of: Day | None = None,
        *,
        backend: Literal["pandas"] = "pandas",
        **options: Unpack[LoadOptions],
    ) -> pd.DataFrame: ...
    @overload
    def load(
        self, table: str, as_of: Day | None = None, *, backend: Literal["polars"], **options: Unpack[LoadOptions]
    ) -> pl.DataFrame: ...
    @overload
    def load(
        self, table: str, as_of: Day | None = None, *, backend: Literal["arrow"], **options: Unpack[LoadOptions]
    ) -> pa.Table: ...
    def load(
        self,
        table: str,
        as_of: Day | None = None,
        columns: Sequence[str] | None = None,
        grade: str | Collection[str] | None = None,
        explode: str | None = None,
        backend: Literal["pandas", "polars", "arrow"] = "pandas",
        where: str | Sequence[str] | None = None,
        lists: Literal["list", "text"] = "list",
        labels: bool = False,
    ) -> Any:
        """A table or a view as a typed frame.

        Text columns are strings; figures Int64 or Float64; classifications categories; lists tuples. A date
        stays the EDTF text that it is (`2025-06~`), followed by columns `_from` and `_to` with the earliest and the
        latest day that it can mean. The tables of facts end in `evidence`, the grade of the record (ordered, from
        disputed to bulk), `n_sources`, the number of sources that state something about it, and `primary_fields`, the
        fields that have a primary source. `sources` ends in `archive_copy`, the address of a copy.

        as_of    only what was so on this day: agreements in force or provisionally applied, the latest strength of
                 each deployment, projects running. The day is `YYYY-MM-DD`, `today`, a date or datetime, a pandas
                 Timestamp or a numpy datetime64; `attrs["as_of"]` has it as `YYYY-MM-DD`. A column `as_of_certain`
                 says whether that follows whatever day an imprecise date means; rows whose dates leave it open are
                 left out, and `attrs["as_of_unknown"]` counts them. A strength for the region (WB6) stands beside
                 those of its hosts, so do not add strengths up.
        columns  only these, in this order.
        grade    only records of this grade or better (`single` leaves out disputed and weak), or of exactly these
                 grades when several are given. The order is disputed, weak, single, corroborated, bulk.
        explode  a list column: one row for each of its items. A figure then stands in several rows: do not add it up.
        backend  pandas, polars or arrow.
        where    a condition, or several that must all hold: `agency=frontex`, `quantity>=100`, `period>=2020`; see
                 `borderledger.query.where`. On a list column, `=` asks whether the value is an item of the list.
        lists    `text` gives the cells of list columns as text, `AL;XK`, so that they can be compared with a text.
                 Else a cell is a tuple in pandas (it can be grouped and merged), and a real list in polars and Arrow.
        labels   adds, after each column that refers to a place, a body, a source or another record, a column
                 `<name>_label` with its name or title.

        Returns a pandas DataFrame (shape: records, columns) whose `attrs` hold table, version, licence and citation;
        or a polars DataFrame or pyarrow Table with the same columns.

        Raises UnknownTable, UnknownColumn, NoTimeMeaning (as_of), BadArgument, MissingExtra (backend), CorruptPackage.

        >>> import borderledger as bl
        >>> bl.load("deployments", as_of="2025-07-01", columns=["hosts", "date", "officers", "measure"]).shape[1]
        4
        """
        day = None if as_of is None else date.fromordinal(day_of(as_of))
        found, unknown = load.load(
            self,
            table,
            as_of=day,
            columns=columns,
            grade=grade,
            explode=explode,
            where=where,
            lists=lists,
            labels=labels,
        )
        frame = to_frame(found, backend)
        if backend == "pandas":
            frame.attrs.update(self._attributes(table))
            if day is not None:
                frame.attrs |= {"as_of": day.isoformat(), "as_of_unknown": unknown}
        return frame

    def tables(self) -> pd.DataFrame:
        """The tables and views: a DataFrame, index: name.

        Its columns: kind (table or view); rows; title; description, what one row is about; and not_covered, for a view
        what it leaves out. A view is made of the tables and can be loaded like one.

        >>> import borderledger as bl
        >>> "returns" in bl.tables().index
        True
        """
        return to_pandas(describe.tables(self)).set_index("table")

    def describe(self, table: str) -> pd.DataFrame:
        """The columns of a table or view as `load` gives them: a DataFrame, index: column.

        Its columns: title; kind (text, integer, number, day, category, list, flag); bound (whether each filled cell
        equals a claim of a source); required; refers_to (tables); values (of a category, with what each means); and
        description, the definition, with the unit.

        Raises UnknownTable.

        >>> import borderledger as bl
        >>> bl.describe("returns").loc["quantity", "kind"]
        'integer'
        """
        return to_pandas(describe.describe(self, table)).set_index("column")

    def totals(
        self, table: str, by: str | Sequence[str], where: str | Sequence[str] | None = None, apart: bool = True
    ) -> pd.DataFrame:
        """Sums of a table in which no row is counted twice: a DataFrame, one row for each line.

        table   returns (adds `quantity`) or projects (adds `amount_eur`)
        by      columns to group by: classifications, places, bodies and lists (a list counts as a whole), or `year`,
                the year in which the whole period (of a project: its start) lies, or of returns `counted_by`: by
                destination, by nationality, or by nationality to third countries alone
        where   as in `load`
        apart   whether lines stay apart that must not be mixed: returns by unit, return_type, reported_by and
                counted_by, projects by kind and amount_basis. With False, the lines are exactly those of `by`.

        Its columns: those of `by` (and the columns that stay apart), the figure, not_exact (how many of the rows are
        rounded or bounds; of a range, the lower end is added), n_rows, and evidence (the worst grade).

        Rows that would count something twice are left out: stocks, running totals, parts of a row in the sum, and
        second counts of the same flow; see `borderledger.query.totals`. `attrs["left_out"]` has, for each reason, the
        ids of the rows; `attrs["note"]` says it in words. The note is also printed, on the standard error stream.

        Raises MixedSum when, with `apart=False`, a line would mix what must not be added; UnknownTable, UnknownColumn,
        BadArgument.

        >>> import borderledger as bl
        >>> found = bl.totals("returns", by="year", where=["to_place=AL", "reported_by=frontex"])
        >>> int(found.set_index("year").loc[2016, "quantity"])
        3037
        """
        from borderledger.query.totals import totals  # a table need not pay for it

        made = totals(self, table, by, where, apart)
        frame = to_pandas(made.columns)
        left_out: dict[str, list[str]] = {}
        for row in made.left_out:
            left_out.setdefault(row.reason, []).append(row.id)
        frame.attrs.update(self._attributes(table) | {"left_out": left_out, "note": made.note})
        print(made.note, file=sys.stderr)
        return frame

    def search(self, words: str) -> pd.DataFrame:
        """The records, sources, bodies and places that hold all of the words, best first: a DataFrame, one row each.

        words   plain words, with spaces between them. A word is found in all its English forms (`deported` finds
                deports and deportation). Capitals and accents do not matter. The name of a place or a body also finds
                the rows that have its code: `pakistan` finds those with PK.

        Its columns: table; id; title, empty for counts of returns, which have none; and snippet, the text around the
        words. A word in the title counts most. No row when nothing holds all of the words.

        Raises BadArgument when there is no word. Raises MissingExtra when the SQLite of this Python has no full-text
        search (FTS5).

        >>> import borderledger as bl
        >>> bl.search("GERHOT")["id"][0]
        'fac-al-gerhot'
        """
        from borderledger.query.search import search  # a table need not pay for it

        return to_pandas(search(self, words))

    # --- evidence ----------------------------------------------------------------------------------------------------

    def evidence(self, record: str, field: str | None = None) -> pd.DataFrame:
        """What sources state about a record, or about one of its fields: one row a claim.

        Columns: field; held, the value of the record; value and qualifier, what the source states; verdict (agrees,
        coarser, finer, contradicts; remark on a field that is not evidence-bound); grade of the field; primary, whether
        the field has a primary source: one of the body whose act or figure it is; source_id, title, publisher,
        published, kind, url, archive_copy, locator (where in the source), note; and origin, the publisher at the root
        of a chain of reprints: claims of one origin count as one voice. archive_copy is a copy of the source, or the
        address at which the Wayback Machine would have one of the day on which it was read. Of the few claims that an
        audit has read again also checked, the last day of that, and check_result: confirmed, imprecise, wrong or
        unseen. What was wrong on that day has been corrected since.

        A record taken from a publisher's file under a control total has no claims. It gives one row, with the
        verdict `bulk`, that names the file.

        Raises UnknownRecord, UnknownColumn.

        >>> import borderledger as bl
        >>> sorted(set(bl.evidence("ret-avrr-wb6-2016-2025-05", "quantity")["grade"]))
        ['weak']
        """
        return to_pandas(evidence.evidence(self, record, field))

    def disputes(self, table: str | None = None) -> pd.DataFrame:
        """The contested fields of all tables or of one: a DataFrame, one row for each field of a record.

        Columns: table, record_id, title of the record, field, held (the value of the record), agree (source ids that
        state it), contradict (source ids that state something else) and contradicting (what those state).

        Raises UnknownTable.

        >>> import borderledger as bl
        >>> bool((bl.disputes()["contradict"].str.len() > 0).all())
        True
        """
        return to_pandas(evidence.disputes(self, table))

    def history(self, record: str) -> pd.DataFrame:
        """What was changed in a record since it was first published: a DataFrame, one row a change, oldest first.

        Columns: version (in which the change came out), record_id, field (`id` where the record itself came or was
        retired), kind (correction: it was wrong; revision: it was overtaken; addition: it was missing; evidence: it
        stays, with a new source), old, new, reason, source_id with title and url of the source, issue (the report that
        led to it). The rows of records that this one has taken the place of are among them. Empty of a record that
        nothing has happened to. Takes the id of a source, too, and of a record that was retired.

        Raises UnknownRecord.

        >>> import borderledger as bl
        >>> list(bl.history("agr-rs-ch-migration-mou-2009").query("kind == 'revision'")["new"])
        ['2024-03-22']
        """
        return to_pandas(history.history(self, record))

    # --- further -----------------------------------------------------------------------------------------------------

    def cite(self, what: str | None = None, style: Literal["apa", "bibtex", "csl-json", "ris"] = "apa") -> str:
        """How to cite the dataset, a table, the sources behind a record, or a source.

        what   None, the name of a table, the id of a record, or the id of a source. Of a record: the dataset, then
               each source that states something about it.
        style  apa (plain text), bibtex, csl-json or ris.

        Raises UnknownRecord, BadArgument (style).

        >>> import borderledger as bl
        >>> bl.cite(style="bibtex").splitlines()[0]
        '@misc{borderledger,'
        """
        return citation.cite(self, what, style)

    def connect(self) -> DuckDBPyConnection:
        """All tables in DuckDB, in memory: typed tables, a table for each list column, and views.

        See `borderledger.output.duckdb` for the names. Raises MissingExtra when duckdb is not installed.

        >>> import borderledger as bl
        >>> bl.connect().execute("SELECT count(*) > 0 FROM agreements_in_force").fetchall()
        [(True,)]
        """
        from borderledger.output.duckdb import connect  # a table need not pay for it

        return connect(self)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from borderledger.output.html import overview

        return overview(self)

    def _attributes(self, table: str) -> dict[str, str]:
        licences: list[dict[str, Any]] = self.descriptor.get("licenses") or [{}]
        return {
            "table": table,
            "version": self.data_version,
            "licence": str(licences[0].get("name", "")),
            "citation": citation.dataset_citation(self.descriptor, table),
        }


# --- opening ---------------------------------------------------------------------------------------------------------


@cache
def embedded() -> Dataset:
    """The dataset that the installed package carries; in a checkout, that of the checkout.

    Raises CorruptPackage when this copy of the package came without its data.
    """
    here = Path(__file__).parent
    if (here / "_data").is_dir():
        return Dataset(here / "_data")
    # An editable install has no copy of the data; the package then lies in the checkout, below src/.
    checkout = here.parents[1]
    if (checkout / "datapackage.json").exists() or (checkout / ".git").exists():
        return Dataset(checkout)
    archive = next((folder for folder in here.parents if folder.is_file()), None)
    if archive:  # a wheel that Python imports as it is
        carried = Zipped(str(archive), archive.read_bytes(), (here / "_data").relative_to(archive).as_posix())
        if (carried / "datapackage.json").exists():
            return Dataset(carried)
    raise CorruptPackage(
        f"This copy of borderledger ({here}) has no data. Install it with pip, from the wheel of a release or from a "
        "checkout; both bring the data. In a program that PyInstaller makes, say --collect-data borderledger. "
        "Or open the csv.zip of a release: borderledger.open(...), --data on the command line."
    )


def open(path: str | Path) -> Dataset:
    """Another version of the dataset: a checkout, a release folder, or a csv.zip, packed or unpacked.

    Of a folder without datapackage.json, the one package in it counts: a csv.zip, or a folder. In a zip file, the
    package may be below other folders, as in one that GitHub makes of the repository.

    Nothing is downloaded. Raises CorruptPackage when there is no data package at the path, BadArgument when the path is
    an address, or neither text nor a Path.

    >>> import borderledger as bl
    >>> bl.open("nowhere")
    Traceback (most recent call last):
    borderledger.errors.CorruptPackage: nowhere does not exist.
    """
    if not isinstance(path, str | os.PathLike):
        raise BadArgument(f"open takes the path of a checkout, a release folder or a csv.zip, not {shown(path)}.")
    text = str(path)
    if "://" in text:
        raise BadArgument(f"{text} is an address; download the file and open that.")
    file = Path(path)
    try:
        if file.is_dir():
            file = _package_in(file)
        if not file.exists():
            raise CorruptPackage(f"{file} does not exist.")
        if file.is_dir():
            return Dataset(file)
        if file.name == "datapackage.json":
            return Dataset(file.parent)
        return Dataset(_zipped(file))
    except zipfile.BadZipFile as error:
        raise CorruptPackage(f"{file} is neither a folder nor a zip file: {error}") from error
    except OSError as error:
        raise CorruptPackage(f"{file} cannot be read: {error.strerror or error}") from error


def _package_in(folder: Path) -> Path:
    """The folder itself, or the package in it: of a release folder its csv.zip, of an unpacked zip file its folder."""
    if (folder / "datapackage.json").exists():
        return folder
    found = sorted((*folder.glob("*csv.zip"), *(file.parent for file in folder.glob("*/datapackage.json"))))
    if not found:
        raise CorruptPackage(f"{folder} holds neither a datapackage.json nor a csv.zip.")
    if len(found) > 1:
        names = ", ".join(one.name for one in found)
        raise CorruptPackage(f"{folder} holds several releases; name one of them: {names}.")
    return found[0]


def _zipped(file: Path) -> Zipped:
    """The package in a zip file. Raises CorruptPackage, and OSError or BadZipFile when it is no zip file."""
    try:
        archive = zipfile.ZipFile(file)
    except (NotImplementedError, ValueError) as error:  # a newer version of the format, a name that is no text
        raise CorruptPackage(f"{file} cannot be unpacked ({error}); download the file again.") from error
    with archive:
        try:
            broken = archive.testzip()
        except Exception as error:  # cut short, encrypted; and each kind of compression has errors of its own
            raise CorruptPackage(f"{file} cannot be unpacked ({error}); download the file again.") from error
        paths = sorted(map(member_path, archive.infolist()), key=len)
    if broken:
        raise CorruptPackage(f"{file}: {broken} is damaged; download the file again.")
    at = next((path for path in paths if path.split("/")[-1] == "datapackage.json"), None)
    if at is None:
        inner = next((path for path in paths if path.endswith("csv.zip")), None)
        hint = f" Unpack it, and open {inner} in it." if inner else ""
        raise CorruptPackage(f"{file} holds no datapackage.json.{hint}")
    return Zipped(str(file), file.read_bytes(), at.removesuffix("datapackage.json").rstrip("/"))

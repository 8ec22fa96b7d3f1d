"""What changed between two versions of the dataset, and the same changes applied.

Rows are matched by the declared key of their table and compared as the strings of their files, so that no change is
lost and none is made up: not by the order of rows, not by the spelling of a number. What no longer has its key is
removed, what has a new one is added; nothing is guessed to be renamed, because an id is never renamed.

A column that one version lacks counts as empty there, as an empty cell means *not known*. A table that one version
lacks has no rows there. If the key itself changed, nothing says which row became which: all are removed and added.

A changed value is a *correction* when the new version logs it in data/corrections.csv as one: it was wrong. Else it is
a *revision*, such as a figure that its publisher updated; if that is logged, too, the log has the reason.

Not compared: the descriptor beyond its tables and version (licence, title, contributors).

    model     what a change is, and the changes of a version
    schema    what a change of a Table Schema breaks
    compare   `diff`: the changes from one version to another
    patch     `apply`: the same changes carried out on other tables
"""

from __future__ import annotations

from borderledger.changes.compare import diff
from borderledger.changes.model import (
    AddedRow,
    Breaks,
    ChangedField,
    Changes,
    Correction,
    GradeChange,
    RemovedRow,
    SchemaChange,
)
from borderledger.changes.patch import apply

__all__ = [
    "AddedRow",
    "Breaks",
    "ChangedField",
    "Changes",
    "Correction",
    "GradeChange",
    "RemovedRow",
    "SchemaChange",
    "apply",
    "diff",
]

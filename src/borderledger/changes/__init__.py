"""What changed between two versions of the dataset, and how to apply the same changes to another copy.

Rows are matched by the declared key of their table. They are compared as the strings of their files, so that no change
is lost and none is invented: neither the order of rows nor the spelling of a number counts. A row whose key is gone was
removed, a row with a new key was added. Nothing is taken for a renamed row, because an id is never renamed.

If one version lacks a column, the column counts as empty there, because an empty cell means *not known*. If one version
lacks a table, the table has no rows there. If the key of a table changed, all its rows are removed and added, because
nothing says which old row became which new one.

A changed value is a *correction* if the new version logs it as one in data/corrections.csv: the old value was wrong.
Any other changed value is a *revision*, such as a figure that its publisher updated. The log can give a reason for it.

The rest of the descriptor (licence, title, contributors) is not compared.

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

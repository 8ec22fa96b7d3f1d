"""Checks that a domain expert would make. Each rule is one expression over columns and one sentence about a failure.

A rule speaks only when the rows are certainly wrong: dates are compared by the days they can mean, figures by the
numbers they can mean, and an empty or malformed cell passes (the structure layer has its say on that).

    general      what the conventions of the data model ask of any table, and the rules that several tables share
    agreements   ... and so on: one module for each table, whose `rules` lists what is asked of that table alone
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from borderledger.package import Table
from validate.rules import (
    agreements,
    checks,
    corrections,
    deployments,
    facilities,
    general,
    operations,
    projects,
    publishers,
    returns,
    sources,
)
from validate.rules.rule import Rule

__all__ = ["Rule", "rules_of"]

_OF_ONE_TABLE = (
    agreements.rules,
    deployments.rules,
    projects.rules,
    returns.rules,
    operations.rules,
    facilities.rules,
    sources.rules,
    publishers.rules,
    corrections.rules,
    checks.rules,
)


def rules_of(tables: Mapping[str, Table]) -> Iterator[Rule]:
    """All rules that apply to the tables of a package; a table that could not be read has none.

    A rule carries its own documentation: list `id`, `table`, `field`, `why` and `fix` to describe them all.
    """
    for table in tables.values():
        yield from general.rules(table)
    for rules in _OF_ONE_TABLE:
        for rule in rules():
            if rule.table in tables:
                yield rule

"""All targets by their names."""

from __future__ import annotations

from collections.abc import Mapping

from bench.fuzz import corrections, descriptor, edtf, lists, reader, where, zipped
from bench.fuzz.target import Target

__all__ = ["TARGETS"]

TARGETS: Mapping[str, Target] = {
    target.name: target
    for target in (
        reader.TARGET,
        edtf.TARGET,
        lists.TARGET,
        where.TARGET,
        corrections.TARGET,
        descriptor.TARGET,
        zipped.TARGET,
    )
}

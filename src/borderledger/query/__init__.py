"""What can be asked of a version of the dataset; every answer is a list of typed columns."""

from __future__ import annotations

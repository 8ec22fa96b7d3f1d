"""Benchmarks: what validation catches, and how long it takes beside its peers."""

import os

# Environments of peers have compiled modules. So must ours, also in a container that says otherwise.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

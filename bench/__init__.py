"""Benchmarks: what validation catches, and how long it takes beside its peers."""

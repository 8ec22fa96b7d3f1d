"""The rules as a specification: one file per table, one class per rule, failing examples beside near misses.

A class names its rule (`rule = "dates.order"`) and has tests `test_fires_...` with examples that fail and
`test_passes_...` with near misses that do not; test_every_rule.py fails when a rule lacks either.
"""

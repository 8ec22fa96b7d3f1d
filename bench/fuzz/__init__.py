"""Fuzzing: any input is read, or refused as documented.

Each module here is one target: what inputs to make, and what must be true of each. A target raises AssertionError if it
is not, and lets through every exception that the code under test should not have raised.

    python -m bench.fuzz --minutes 10            all targets, ten minutes each, with hypothesis
    python -m bench.fuzz --minutes 10 zip edtf   some of them
    python -m bench.fuzz.guided zip --minutes 10 one of them, guided by coverage (needs atheris; see docs/testing.md)

tests/bench/test_fuzz.py runs each target with a few inputs, and again with every input that once broke the code.
"""

"""Releases: what is published of a version, and how to tell that it is what was published."""

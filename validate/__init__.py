"""Is the data package true to its schemas, rules and evidence?

from validate import check
report = check("path/to/package")
report.ok, report.findings, report.tables
"""

import sys

try:
    from borderledger.package import Finding
except ModuleNotFoundError:
    if sys.argv[0] != "-m":
        raise
    sys.exit("validate: run `make validate` once, then .venv/bin/python -m validate (README, Two commands)")
from validate.engine import check
from validate.report import Report, TableSummary

__all__ = ["Finding", "Report", "TableSummary", "check"]

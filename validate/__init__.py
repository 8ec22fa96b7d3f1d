"""Is the data package true to its schemas, rules and evidence?

from validate import check
report = check("path/to/package")
report.ok, report.findings, report.tables
"""

from validate.engine import check
from validate.report import Finding, Report, TableSummary

__all__ = ["Finding", "Report", "TableSummary", "check"]

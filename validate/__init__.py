"""Is the data package true to its schemas, rules and evidence?

from validate import check
report = check("path/to/package")
report.ok, report.findings, report.tables
"""

from borderledger.package import Finding
from validate.engine import check
from validate.report import Report, TableSummary

__all__ = ["Finding", "Report", "TableSummary", "check"]

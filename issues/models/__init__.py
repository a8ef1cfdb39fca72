from issues.models.issue import IssueEscalation
from issues.models.report import REPORT_PARTS, IssueReport, part_label
from issues.models.step import IssueStep

__all__ = ["REPORT_PARTS", "IssueEscalation", "IssueReport", "IssueStep", "part_label"]

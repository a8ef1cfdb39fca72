"""The life of a request to export personal information in approval."""

from django.utils.translation import gettext_lazy as _
from viewflow import this

from workflows import nodes
from workflows.flow import DocumentFlow


class ExportRequestFlow(DocumentFlow):
    """个人信息导出申请: submitted → route → open for its applicant, closed, or returned."""

    process_title = _("Request to export personal information")

    submitted = nodes.Submission().Next(this.approval)
    approval = nodes.Approval().Next(this.opened).Rejected(this.closed).Returned(this.correction)
    correction = nodes.Correction().Next(this.approval)
    opened = nodes.Conclusion("APPROVED").Next(this.end)
    closed = nodes.Conclusion("REJECTED").Next(this.end)
    end = nodes.End()

"""The life of an extension or overdue request in approval."""

from django.utils.translation import gettext_lazy as _
from viewflow import this

from workflows import nodes
from workflows.flow import DocumentFlow


class ExtensionRequestFlow(DocumentFlow):
    """展期/逾期: submitted → approval route → in force, closed, or back to its handler."""

    process_title = _("Extension or overdue request")

    submitted = nodes.Submission().Next(this.approval)
    approval = nodes.Approval().Next(this.in_force).Rejected(this.closed).Returned(this.correction)
    correction = nodes.Correction().Next(this.approval)
    in_force = nodes.Conclusion("APPROVED").Next(this.end)
    closed = nodes.Conclusion("REJECTED").Next(this.end)
    end = nodes.End()

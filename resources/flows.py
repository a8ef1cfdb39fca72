"""The life of a work handover in approval."""

from django.utils.translation import gettext_lazy as _
from viewflow import this

from workflows import nodes
from workflows.flow import DocumentFlow


class WorkHandoverFlow(DocumentFlow):
    """工作移交: submitted → approval route → to be carried out, closed, or back to its handler."""

    process_title = _("Work handover")

    submitted = nodes.Submission().Next(this.approval)
    approval = nodes.Approval().Next(this.agreed).Rejected(this.closed).Returned(this.correction)
    correction = nodes.Correction().Next(this.approval)
    agreed = nodes.Conclusion("APPROVED").Next(this.end)
    closed = nodes.Conclusion("REJECTED").Next(this.end)
    end = nodes.End()

"""The life of a business application in approval."""

from django.utils.translation import gettext_lazy as _
from viewflow import this

from workflows import nodes
from workflows.flow import DocumentFlow


class BusinessApplicationFlow(DocumentFlow):
    """业务申请单: submitted → approval route → booked, closed, or back to its handler."""

    process_title = _("Business application")

    submitted = nodes.Submission().Next(this.approval)
    approval = nodes.Approval().Next(this.booked).Rejected(this.closed).Returned(this.correction)
    correction = nodes.Correction().Next(this.approval)
    booked = nodes.Conclusion("APPROVED").Next(this.end)
    closed = nodes.Conclusion("REJECTED").Next(this.end)
    end = nodes.End()

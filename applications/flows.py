"""The lives of this app's documents in approval."""

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


class ReconsiderationFlow(DocumentFlow):
    """业务复议申请单: submitted → approval route → granted, final, or back to its handler."""

    process_title = _("Reconsideration")

    submitted = nodes.Submission().Next(this.approval)
    approval = nodes.Approval().Next(this.granted).Rejected(this.final).Returned(this.correction)
    correction = nodes.Correction().Next(this.approval)
    granted = nodes.Conclusion("APPROVED").Next(this.end)
    final = nodes.Conclusion("REJECTED").Next(this.end)
    end = nodes.End()


class IntermediaryApplicationFlow(DocumentFlow):
    """中介业务申请单: submitted → approval route → in progress, closed, or back."""

    process_title = _("Intermediary application")

    submitted = nodes.Submission().Next(this.approval)
    approval = nodes.Approval().Next(this.opened).Rejected(this.closed).Returned(this.correction)
    correction = nodes.Correction().Next(this.approval)
    opened = nodes.Conclusion("APPROVED").Next(this.end)
    closed = nodes.Conclusion("REJECTED").Next(this.end)
    end = nodes.End()

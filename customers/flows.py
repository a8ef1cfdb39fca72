"""The life of a tier adjustment in approval."""

from django.utils.translation import gettext_lazy as _
from viewflow import this

from workflows import nodes
from workflows.flow import DocumentFlow


class TierChangeFlow(DocumentFlow):
    """客户等级调整: submitted → approval route → the tier moves, closed, or back to its handler."""

    process_title = _("Customer tier adjustment")

    submitted = nodes.Submission().Next(this.approval)
    approval = nodes.Approval().Next(this.moved).Rejected(this.closed).Returned(this.correction)
    correction = nodes.Correction().Next(this.approval)
    moved = nodes.Conclusion("APPROVED").Next(this.end)
    closed = nodes.Conclusion("REJECTED").Next(this.end)
    end = nodes.End()

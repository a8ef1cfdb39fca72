"""The life of a contract review in approval."""

from django.utils.translation import gettext_lazy as _
from viewflow import this

from workflows import nodes
from workflows.flow import DocumentFlow


class ContractReviewFlow(DocumentFlow):
    """合同手续审核单: submitted → approval route → signed, closed, or back to its handler."""

    process_title = _("Contract formality review")

    submitted = nodes.Submission().Next(this.approval)
    approval = nodes.Approval().Next(this.signed).Rejected(this.closed).Returned(this.correction)
    correction = nodes.Correction().Next(this.approval)
    signed = nodes.Conclusion("APPROVED").Next(this.end)
    closed = nodes.Conclusion("REJECTED").Next(this.end)
    end = nodes.End()

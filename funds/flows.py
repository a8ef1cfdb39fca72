"""The life of the fund documents in approval."""

from django.utils.translation import gettext_lazy as _
from viewflow import this

from workflows import nodes
from workflows.flow import DocumentFlow


class FundTransferFlow(DocumentFlow):
    """资金划拨确认书: submitted → approval route → payable, closed, or back to its handler."""

    process_title = _("Fund transfer confirmation")

    submitted = nodes.Submission().Next(this.approval)
    approval = nodes.Approval().Next(this.payable).Rejected(this.closed).Returned(this.correction)
    correction = nodes.Correction().Next(this.approval)
    payable = nodes.Conclusion("APPROVED").Next(this.end)
    closed = nodes.Conclusion("REJECTED").Next(this.end)
    end = nodes.End()

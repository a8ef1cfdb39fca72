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


class InterestReliefFlow(DocumentFlow):
    """退息、免息单: submitted → approval route → granted, closed, or back to its handler."""

    process_title = _("Interest refund or waiver")

    submitted = nodes.Submission().Next(this.approval)
    approval = nodes.Approval().Next(this.granted).Rejected(this.closed).Returned(this.correction)
    correction = nodes.Correction().Next(this.approval)
    granted = nodes.Conclusion("APPROVED").Next(this.end)
    closed = nodes.Conclusion("REJECTED").Next(this.end)
    end = nodes.End()


class RebateApplicationFlow(DocumentFlow):
    """返点申请: submitted → approval route → payable, closed, or back to its handler."""

    process_title = _("Rebate application")

    submitted = nodes.Submission().Next(this.approval)
    approval = nodes.Approval().Next(this.payable).Rejected(this.closed).Returned(this.correction)
    correction = nodes.Correction().Next(this.approval)
    payable = nodes.Conclusion("APPROVED").Next(this.end)
    closed = nodes.Conclusion("REJECTED").Next(this.end)
    end = nodes.End()

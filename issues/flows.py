"""The life of an issue in approval."""

from django.utils.translation import gettext_lazy as _
from viewflow import this

from workflows import nodes
from workflows.flow import DocumentFlow


class IssueEscalationFlow(DocumentFlow):
    """问题升级: reported → the levels → answered to the reporter → closed when he agrees."""

    process_title = _("Issue escalation")

    submitted = nodes.Submission().Next(this.approval)
    approval = nodes.Approval().Next(this.confirmed).Rejected(this.ended).Returned(this.answered)
    answered = nodes.Correction().Next(this.approval)
    confirmed = nodes.Conclusion("APPROVED").Next(this.end)
    ended = nodes.Conclusion("REJECTED").Next(this.end)
    end = nodes.End()

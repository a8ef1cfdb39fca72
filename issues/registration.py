"""What this app offers the others, registered once when Django starts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from customers import hooks
from documents.registration import register_document
from issues import panels
from issues.choices import IssueKind
from issues.default_flow import issue_chain
from issues.desk import ISSUE_DESK
from issues.flows import IssueEscalationFlow
from issues.kinds import CATEGORIES, IssueEscalationKind
from issues.selectors import has_issues
from lending_crm.common.dictionary import register_list


def register_all() -> None:
    register_list(IssueKind, _("Kinds of issues"), "issues.issueescalation.issue_kind")
    register_document(
        IssueEscalationKind(),
        flow=IssueEscalationFlow,
        categories=CATEGORIES,
        chain=issue_chain,
        desk=ISSUE_DESK,
    )
    hooks.register_document_check(has_issues)
    panels.register()

"""What this app offers the others, registered once when Django starts."""

from __future__ import annotations

from customers import hooks
from documents.registration import register_document
from issues import panels
from issues.default_flow import issue_chain
from issues.desk import ISSUE_DESK
from issues.flows import IssueEscalationFlow
from issues.kinds import CATEGORIES, IssueEscalationKind
from issues.selectors import has_issues


def register_all() -> None:
    register_document(
        IssueEscalationKind(),
        flow=IssueEscalationFlow,
        categories=CATEGORIES,
        chain=issue_chain,
        desk=ISSUE_DESK,
    )
    hooks.register_document_check(has_issues)
    panels.register()

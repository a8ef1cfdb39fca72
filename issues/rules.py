"""Who files an issue, in whose hands it is, and what an answer needs (X3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from documents.models import Document
from funds.models import Loan
from issues import refusals
from issues.choices import REPORT_FROM, IssueStatus
from issues.models import REPORT_PARTS, IssueEscalation, IssueReport, part_label
from lending_crm.common.errors import DomainError
from lending_crm.common.text import clean_line
from staff.choices import RoleCode
from staff.models import Employee
from staff.selectors import roles_of
from workflows.access import is_his
from workflows.choices import ItemKind, ItemState
from workflows.models import WorkItem

#: whoever works with customers, loans or money may hear of an issue
READERS = (
    RoleCode.AM,
    RoleCode.TL,
    RoleCode.BRM,
    RoleCode.BGM,
    RoleCode.HRM,
    RoleCode.PLM,
    RoleCode.ARD,
    RoleCode.FIN,
    RoleCode.CEO,
)
#: the last part sums up once the others stand and the reporter agrees
_BEFORE_ANSWER = REPORT_PARTS[:-1]


def may_see_issues(user: Employee) -> bool:
    return roles_of(user).has_any(*READERS)


def may_report(user: Employee) -> bool:
    return may_see_issues(user) and user.branch_id is not None and user.department_id is not None


def item_in_hand(
    issue: IssueEscalation, user: Employee, items: Iterable[WorkItem] | None = None
) -> WorkItem | None:
    """The open step that waits for the user's answer; None when the issue is not in his hands.

    ``items`` are those of the case where a page has read them.
    """
    if issue.case_id is None or user.pk in (issue.handler_id, issue.creator_id):
        return None
    if items is None:
        items = WorkItem.objects.filter(case=issue.case_id, state=ItemState.OPEN).select_related(
            "stage"
        )
    return next((item for item in items if _asks_the_level(item) and is_his(item, user)), None)


def _asks_the_level(item: WorkItem) -> bool:
    is_open = item.state == ItemState.OPEN and item.kind == ItemKind.DECISION
    return is_open and not item.link


def waits_for_reporter(issue: IssueEscalation, user: Employee) -> bool:
    """Whether the handler shall say what the reporter thinks of the answer."""
    return issue.handler_id == user.pk and issue.biz_status == IssueStatus.ANSWERED


def answer_refusals(issue: IssueEscalation) -> Iterator[DomainError]:
    """ISS-08: from level 3 on the report stands before the answer."""
    if issue.level < REPORT_FROM:
        return
    report = IssueReport.objects.filter(issue=issue).first()
    missing = [
        part_label(name)
        for name in _BEFORE_ANSWER
        if report is None or not getattr(report, name).strip()
    ]
    if missing:
        yield refusals.report_incomplete(missing)


def visible_loan(number: str, user: Employee) -> Loan | None:
    found: Loan | None = Loan.objects.visible_to(user).filter(loan_no=clean_line(number)).first()
    return found


def visible_document(number: str, user: Employee) -> Document | None:
    return Document.objects.visible_to(user).filter(doc_no=clean_line(number)).first()

"""Who asks for full numbers, what a request may name, and when it lets out rows (R10, N25)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from documents.choices import WfStatus
from lending_crm.common.errors import DomainError
from lending_crm.common.exports import runs
from lending_crm.common.exports.declarations import ListExport, export_of, sensitive_exports
from lending_crm.common.exports.numbers import NumberKind
from lending_crm.common.exports.words import names_a_person
from privacy import errors
from privacy.choices import ApplicantLevel, ExportUse
from privacy.models import ExportRequest
from staff.choices import RoleCode
from staff.models import Employee
from staff.selectors import roles_of


def may_see_requests(user: Employee) -> bool:
    """Whoever may open one of the lists; administrators hold no business data (N26)."""
    return user.is_active and any(each.may_open(user) for each in sensitive_exports())


def may_ask(user: Employee) -> bool:
    return may_see_requests(user) and user.branch_id is not None and user.department_id is not None


def level_of(user: Employee) -> ApplicantLevel:
    """Where the applicant stands, so that the route never asks him himself."""
    roles = roles_of(user)
    if roles.has(RoleCode.CEO):
        return ApplicantLevel.PRESIDENT
    if user.branch is not None and user.branch.is_head_office:
        return ApplicantLevel.HEAD_OFFICE
    if roles.has(RoleCode.BGM):
        return ApplicantLevel.MANAGER
    if roles.has_any(RoleCode.TL, RoleCode.BRM):
        return ApplicantLevel.OFFICER
    return ApplicantLevel.STAFF


def open_list(code: str, user: Employee) -> ListExport | None:
    """The list of a request while the user may open it."""
    export = export_of(code)
    return export if export is not None and export.numbers and export.may_open(user) else None


def draft_refusals(
    code: str, numbers: list[str], query: str, user: Employee
) -> Iterator[DomainError]:
    """PEX-01 for a list out of sight, PEX-02 for numbers that it does not hold, PEX-10 for a
    filter that is itself a number of a person: the request would show it to every reader."""
    if names_a_person(query):
        yield errors.number_in_filter()
    export = open_list(code, user)
    if export is None:
        yield errors.list_not_open()
        return
    strange = [str(kind.label) for kind in NumberKind if kind in set(numbers) - {*export.numbers}]
    if strange:
        yield errors.numbers_not_there(_(", ").join(strange))


def submission_refusals(request: ExportRequest, *, now: datetime) -> Iterator[DomainError]:
    if open_list(request.list_code, request.handler) is None:
        yield errors.list_not_open()
    elif not request.row_count:
        yield errors.no_rows()
    elif request.row_count > runs.MOST_ROWS:
        yield runs.too_many()
    if request.reason and len(request.reason.strip()) < errors.SHORTEST_REASON:
        yield errors.reason_too_short()
    if reason := day_refusal(request, now=now):
        yield reason


def day_refusal(request: ExportRequest, *, now: datetime) -> DomainError | None:
    day = request.wanted_until
    return errors.day_is_over() if day and day < timezone.localdate(now) else None


def export_refusal(
    request: ExportRequest, user: Employee, *, is_used: bool, now: datetime
) -> DomainError | None:
    """Why the user cannot export by this request now; None when he can."""
    if request.handler_id != user.pk:
        return errors.not_the_applicant()
    if request.wf_status != WfStatus.APPROVED or request.expires_at is None:
        return errors.not_approved()
    if request.expires_at <= now:
        return errors.expired()
    if is_used and request.usage == ExportUse.ONCE:
        return errors.used_up()
    return None if open_list(request.list_code, user) else errors.list_not_open()

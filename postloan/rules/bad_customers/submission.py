"""What a handover must keep, at its submission and once more when the receiver confirms it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext

from applications.choices import GuaranteeWay
from lending_crm.common.errors import DomainError
from postloan.choices.bad_customers import ALWAYS_HANDED, HandedPaper
from postloan.models import BadCustomerHandover
from postloan.rules.bad_customers import refusals
from postloan.rules.bad_customers.creation import customer_refusal, standing_refusal
from staff.choices import RoleCode
from staff.models import Employee
from staff.selectors import roles_of


def submission_refusals(handover: BadCustomerHandover, *, day: date) -> Iterator[DomainError]:
    """BAD-01 to BAD-08, every one that applies on ``day``."""
    if reason := customer_refusal(handover.customer, day=day, excluding=handover.pk):
        yield reason
    yield from people_refusals(
        handover,
        transferor=handover.handler_id,
        receiver=handover.receiver,
        witness=handover.witness,
    )
    if not handover.is_return and (missing := missing_papers(handover)):
        yield refusals.files_incomplete(gettext(", ").join(missing))


def conclusion_refusals(handover: BadCustomerHandover, *, day: date) -> Iterator[DomainError]:
    """What may have changed while the handover was under approval."""
    if reason := standing_refusal(handover.customer, handover.direction, day=day):
        yield reason
    yield from people_refusals(
        handover,
        transferor=handover.transferor_id,
        receiver=handover.receiver,
        witness=handover.witness,
    )


def people_refusals(
    handover: BadCustomerHandover,
    *,
    transferor: int,
    receiver: Employee | None,
    witness: Employee | None,
) -> Iterator[DomainError]:
    """BAD-03, and BAD-05 or BAD-08 by direction; who is not named yet is not judged."""
    if receiver is not None and receiver.pk == transferor:
        yield refusals.same_people("receiver")
    if witness is not None and witness.pk in (transferor, receiver.pk if receiver else None):
        yield refusals.same_people("witness")
    if receiver is None:
        return
    if not handover.is_return:
        if not (receiver.is_active and roles_of(receiver).has(RoleCode.ARD)):
            yield refusals.not_in_recovery()
    elif not is_near_account_manager(receiver, handover):
        yield refusals.not_account_manager()


def is_near_account_manager(receiver: Employee, handover: BadCustomerHandover) -> bool:
    is_near = receiver.department_id == handover.customer.department_id
    return receiver.is_active and is_near and roles_of(receiver).has(RoleCode.AM)


def missing_papers(handover: BadCustomerHandover) -> list[str]:
    """Papers that every handover needs and this one does not list with its copies (BAD-04)."""
    rows = list(handover.files.all())
    listed = {row.item for row in rows if row.copies}
    empty = [row.get_item_display() for row in rows if not row.copies]
    needed = [paper for paper in needed_papers(handover) if paper not in listed]
    return list(dict.fromkeys([*(str(paper.label) for paper in needed), *empty]))


def needed_papers(handover: BadCustomerHandover) -> list[HandedPaper]:
    return papers_for(
        [
            loan.loan.application.guarantee
            for loan in handover.loans.select_related("loan__application")
        ]
    )


def papers_for(guarantees: list[list[str]]) -> list[HandedPaper]:
    """The papers that a handover of loans with these guarantees always has."""
    is_secured = any(way != GuaranteeWay.CREDIT for ways in guarantees for way in ways)
    return [*ALWAYS_HANDED, *([HandedPaper.GUARANTEE] if is_secured else [])]

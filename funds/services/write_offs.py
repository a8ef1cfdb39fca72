"""核销 by two people: 总部风控 proposes, 财务 books what leaves the books (domain M24, §5)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from applications.assessment import local_day
from customers.choices import RiskClass
from customers.models import Customer
from documents.rules import refuse_unless
from funds import errors
from funds.choices import WriteOffState
from funds.models import Loan, WriteOff
from funds.permissions import may_book, may_classify
from funds.services.adjustments import write_off
from lending_crm.common.errors import not_found
from lending_crm.common.outbox import publish_all
from staff.choices import RoleCode
from staff.events import notice
from staff.selectors import holders
from staff.services.guards import lock_row, refusing, required_line

if TYPE_CHECKING:
    from staff.models import Employee

PROPOSED, ANSWERED = "write_off.proposed", "write_off.answered"


@transaction.atomic
def propose_write_off(*, loan_id: int, reason: str, actor: Employee, now: datetime) -> WriteOff:
    """总部风控 proposes it; finance hears of it.

    Raises APP-01, REP-10 for an ended loan, WOF-01 unless the loan is 损失 and its customer
    with asset recovery, WOF-02 while a proposal is open, ORG-20 and ORG-21 for the reason.
    """
    refuse_unless(may_classify(actor))
    loan = _locked(loan_id)
    _refuse_unfit(loan)
    if loan.write_offs.filter(state=WriteOffState.OPEN).exists():
        raise errors.write_off_proposed(loan.loan_no)
    with refusing({"write_off_open_once": lambda: errors.write_off_proposed(loan.loan_no)}):
        proposal = WriteOff.objects.create(
            loan=loan, reason=_line(reason, "reason"), proposed_by=actor, proposed_at=now
        )
    hearers = [person.pk for person in holders(RoleCode.FIN) if person.pk != actor.pk]
    _tell(PROPOSED, hearers, proposal, actor=actor, now=now)
    return proposal


@transaction.atomic
def book_write_off(*, loan_id: int, actor: Employee, now: datetime) -> WriteOff:
    """财务 books the open proposal: everything that is owed leaves the books today.

    Raises APP-01, WOF-03 for who proposed it, WOF-04 when none is open, and as
    ``propose_write_off`` what does not hold any more; REP-11 from the ledger.
    """
    refuse_unless(may_book(actor))
    loan = _locked(loan_id)
    proposal = _open(loan)
    if proposal.proposed_by_id == actor.pk:
        raise errors.own_write_off()
    _refuse_unfit(loan)
    write_off(
        loan_id=loan.pk,
        day=local_day(now),
        reason=proposal.reason,
        reference=proposal.reference,
        actor=actor,
        now=now,
    )
    _close(proposal, WriteOffState.BOOKED, actor=actor, now=now)
    _tell(ANSWERED, [proposal.proposed_by_id], proposal, actor=actor, now=now)
    return proposal


@transaction.atomic
def drop_write_off(*, loan_id: int, reason: str, actor: Employee, now: datetime) -> WriteOff:
    """Finance declines the open proposal, or who made it takes it back; the loan stays.

    Raises APP-01 for anybody else, WOF-04 when none is open, ORG-20 and ORG-21 for the reason.
    """
    loan = _locked(loan_id)
    proposal = _open(loan)
    is_own = proposal.proposed_by_id == actor.pk
    refuse_unless(is_own or may_book(actor))
    proposal.answer = _line(reason, "answer")
    state = WriteOffState.WITHDRAWN if is_own else WriteOffState.DECLINED
    _close(proposal, state, actor=actor, now=now)
    _tell(ANSWERED, [proposal.proposed_by_id], proposal, actor=actor, now=now)
    return proposal


def _locked(loan_id: int) -> Loan:
    """The customer first, as everywhere in the ledger."""
    customer_id = Loan.objects.filter(pk=loan_id).values_list("customer_id", flat=True).first()
    if customer_id is None:
        raise not_found()
    customer = lock_row(Customer, customer_id)
    loan = lock_row(Loan, loan_id)
    loan.customer = customer
    return loan


def _refuse_unfit(loan: Loan) -> None:
    if loan.is_ended:
        raise errors.loan_ended(loan.loan_no)
    if loan.risk_class != RiskClass.LOSS or not loan.customer.is_in_recovery:
        raise errors.not_to_write_off(loan.get_risk_class_display())


def _open(loan: Loan) -> WriteOff:
    rows = loan.write_offs.select_for_update(of=("self",)).select_related("loan__customer")
    proposal = rows.filter(state=WriteOffState.OPEN).first()
    if proposal is None:
        raise errors.no_write_off()
    return proposal


def _close(proposal: WriteOff, state: WriteOffState, *, actor: Employee, now: datetime) -> None:
    proposal.state, proposal.closed_by, proposal.closed_at = state, actor, now
    proposal.save(update_fields=["state", "closed_by", "closed_at", "answer"])


def _line(text: str, field: str) -> str:
    label = WriteOff._meta.get_field(field).verbose_name  # type: ignore[union-attr]
    return required_line(text, field="reason", label=label, limit=200)


def _tell(
    event: str, people: list[int], proposal: WriteOff, *, actor: Employee, now: datetime
) -> None:
    loan = proposal.loan
    message = notice(
        event,
        people,
        url=loan.get_absolute_url(),
        by=actor,
        doc_no=loan.loan_no,
        party=loan.customer.name,
        opinion=proposal.answer or proposal.reason,
    )
    publish_all(message, now=now)

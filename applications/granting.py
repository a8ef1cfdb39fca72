"""What an approval grants, on its own or by a reconsideration: judged once more, then booked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from applications.assessment import current_setting, local_day, lpr_on
from applications.choices import BizStatus
from applications.costing import cost_of, scaled_lines
from applications.exposure import exposure_of
from applications.models import AmountLine, BusinessApplication
from applications.rules.approved import agreed_terms, requested_terms
from applications.rules.eligibility import customer_refusals
from applications.rules.limits import concentration_refusals, cost_cap, cost_refusals
from applications.rules.refinancing import old_loan_refusals
from documents.booking import booked_by_approval
from documents.engine_door import engine_writes
from lending_crm.common.errors import DomainError, refuse_all
from sms.choices import Usage
from sms.services.events import announce
from workflows.kinds import StageDecision
from workflows.models import Case
from workflows.selectors import last_submission

#: what the change log of the business says of its approval
_BOOKED = (
    "approved_amount",
    "approved_term",
    "approved_rate",
    "approved_conditions",
    "approval_valid_until",
)


def grant(
    application: BusinessApplication,
    *,
    lines: Sequence[AmountLine],
    case: Case,
    decisions: Sequence[StageDecision],
    conditions: Sequence[str],
    now: datetime,
    **also: Any,
) -> None:
    """Book the terms on the business and tell its borrower.

    They are the lowest of what the approving answers of the deciding stage set, else as
    ``lines`` ask; ``also`` are further columns. Refuses the approval when the customer was
    barred meanwhile (BUS-07), the loan that is to be replaced has ended (BUS-06), other
    approvals have used up the concentration limits (BUS-09, BUS-10) or the terms together cost
    more than the cap (BUS-05).
    """
    day, setting = local_day(now), current_setting()
    asked = requested_terms(lines)
    terms = agreed_terms(asked, decisions)
    exposure = exposure_of(
        application.customer, request=terms.amount, excluding=application.pk, day=day
    )
    approved = scaled_lines(lines, amount=terms.amount, term=terms.term, rate=terms.rate)
    refuse_all(
        [
            *customer_refusals(application.customer),
            *old_loan_refusals(application),
            *concentration_refusals(
                borrower=exposure.borrower, group=exposure.group, setting=setting
            ),
            *(_dearer(application, approved, case) if terms != asked else ()),
        ]
    )
    logged = booked_by_approval(
        application, [*_BOOKED, *also], case=case, decisions=decisions, now=now
    )
    with engine_writes(), logged:
        BusinessApplication.objects.filter(pk=application.pk).update(
            approved_amount=terms.amount,
            approved_term=terms.term,
            approved_rate=terms.rate,
            approved_conditions="\n".join(conditions),
            approved_on=day,
            approval_valid_until=day + timedelta(days=setting.approval_valid_days),
            biz_status=BizStatus.APPROVED,
            **also,
        )
    _tell_borrower(application, terms.amount, now)


def _dearer(
    application: BusinessApplication, approved: Sequence[AmountLine], case: Case
) -> Iterator[DomainError]:
    """BUS-05, by the LPR of the submission as for every single ballot; the request itself was
    measured then."""
    day = local_day(last_submission(case))
    cost = cost_of(approved, list(application.fees.all()), start=day)
    yield from cost_refusals(cost, cost_cap(current_setting(), lpr=lpr_on(day), day=day))


def _tell_borrower(application: BusinessApplication, amount: Decimal, now: datetime) -> None:
    if application.borrower_id is None:
        return
    announce(
        usage=Usage.APPROVED,
        contact_id=application.borrower_id,
        values={
            "doc_no": application.doc_no,
            "amount": str(amount),
            "date": local_day(now).isoformat(),
        },
        key=f"approved:{application.pk}",
        now=now,
    )

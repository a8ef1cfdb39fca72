"""What the daily count leads to: a draft of a handover, and a reminder of the next step (M19)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from applications.assessment import local_day
from customers.choices import RiskClass
from customers.models import Customer
from documents.kinds import routed_kind
from documents.services.drafts import create_draft
from lending_crm.common.outbox import publish_all
from postloan.models import BadCustomerHandover
from postloan.rules.bad_customers.creation import may_hand_over
from postloan.selectors.bad_customers import (
    Standing,
    glance_at,
    managed_handover,
    open_handover,
    standing_of,
)
from staff.choices import RoleCode
from staff.events import notice
from staff.selectors import holders

if TYPE_CHECKING:
    from staff.models import Employee

PROPOSED, STEP_DUE = "bad_customer.proposed", "bad_customer.step_due"
#: a proposal that was rejected or voided is not made again for so long
_REST = timedelta(days=30)


def after_count(customer_id: int, now: datetime, is_first: bool) -> None:
    """Called for each customer with a running loan, under the customer's lock: once a day, and
    again (not ``is_first``) after a booking that made him overdue since."""
    propose_handover(customer_id=customer_id, now=now)
    if is_first:
        remind_of_step(customer_id=customer_id, now=now)


@transaction.atomic
def propose_handover(*, customer_id: int, now: datetime) -> BadCustomerHandover | None:
    """Open one draft for a customer who went bad, with his account manager, and tell the branch
    risk manager.

    None when he is not bad, is with asset recovery, or has a handover on its way or decided
    within 30 days. Where his account manager can hold no draft the risk manager is told alone.
    """
    if not glance_at(customer_id).is_bad:
        return None
    customer = Customer.objects.select_related("owner__branch", "owner__department").get(
        pk=customer_id
    )
    if customer.is_in_recovery or open_handover(customer.pk):
        return None
    if customer.bad_handovers.filter(updated_at__gt=now - _REST).exists():
        return None
    owner, draft = customer.owner, None
    if owner.is_active and may_hand_over(customer, owner):
        draft = _draft(customer, owner, standing_of(customer.pk, local_day(now)), now)
    told = [*holders(RoleCode.BRM, branch_id=customer.branch_id), owner]
    _tell(PROPOSED, told, customer, draft, now=now)
    return draft


def remind_of_step(*, customer_id: int, now: datetime) -> bool:
    """Tell the officer of asset recovery that a step of collection is due; says whether."""
    handover = managed_handover(customer_id)
    if handover is None or handover.next_step_on is None:
        return False
    if handover.next_step_on > local_day(now):
        return False
    _tell(STEP_DUE, [handover.customer.owner], handover.customer, handover, now=now)
    return True


def _draft(
    customer: Customer, owner: Employee, standing: Standing, now: datetime
) -> BadCustomerHandover:
    draft: BadCustomerHandover = create_draft(
        kind=routed_kind("bad_customer_handover"),
        origin=customer,
        actor=owner,
        now=now,
        values={"reason": _reason(standing)},
    )
    BadCustomerHandover.objects.filter(pk=draft.pk).update(is_proposed=True)
    draft.is_proposed = True
    return draft


def _reason(standing: Standing) -> str:
    """Why the system thinks so, in the language of record."""
    with translation.override("zh-hans"):
        text = _("%(days)s days overdue, class %(class)s.") % {
            "days": standing.overdue_days,
            "class": RiskClass(standing.risk_class).label,
        }
        return text + (_("Two red supervision reports in a row.") if standing.is_red_twice else "")


def _tell(
    event: str,
    people: Iterable[Employee],
    customer: Customer,
    handover: BadCustomerHandover | None,
    *,
    now: datetime,
) -> None:
    due = handover.next_step_on if handover else None
    message = notice(
        event,
        [person.pk for person in people],
        url=(handover or customer).get_absolute_url(),
        doc_no=handover.doc_no if handover else customer.customer_no,
        subject=handover.subject if handover else "",
        party=customer.name,
        date=f"{due:%Y-%m-%d}" if due else "",
    )
    publish_all(message, now=now)

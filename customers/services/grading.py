"""每日分级: grade every prospect, give back those that nobody moves on (X2)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import translation
from django.utils.translation import gettext as _

from customers import hooks
from customers.choices import CustomerStatus, CustomerType, GradeEvent, OpportunityStatus
from customers.models import Customer, Opportunity, PoolSetting
from customers.rules.grading import falls, grade_of, is_promotion
from customers.selectors.pool import pool_setting
from customers.services.guards import today_of
from customers.services.log import LANGUAGE_OF_RECORD, ChangeLog
from customers.services.pool import note_grade, put_into_pool
from lending_crm.common.outbox import publish_all
from staff.choices import RoleCode
from staff.events import notice
from staff.selectors import holders

EVENT = "customer.pooled"
_BATCH = 200


def grade_prospects(*, now: datetime) -> int:
    """Grade all prospects, a transaction for each batch; returns how many fell to the pool.

    Running it again on the same day changes nothing. A prospect that somebody is working on is
    left to the next run.
    """
    after, fallen = 0, 0
    while True:
        last, fell = _grade_batch(after, now=now)
        fallen += fell
        if last is None:
            return fallen
        after = last


@transaction.atomic
def _grade_batch(after: int, *, now: datetime) -> tuple[int | None, int]:
    """The prospects behind the id ``after``; the last id looked at, None at the end."""
    rows = list(
        Customer.objects.filter(
            biz_status=CustomerStatus.PROSPECT, pooled_at=None, anonymised_at=None, pk__gt=after
        )
        .exclude(customer_type=CustomerType.CHANNEL)
        .select_for_update(of=("self",), skip_locked=True)
        .select_related("owner")
        .order_by("pk")[:_BATCH]
    )
    if not rows:
        return None, 0
    stages = dict(
        Opportunity.objects.filter(customer__in=rows, biz_status=OpportunityStatus.OPEN)
        .order_by()
        .values_list("customer")
        .annotate(furthest=Max("stage"))
    )
    setting = pool_setting()
    for customer in rows:
        _grade(customer, stages.get(customer.pk), setting, now=now)
    today = today_of(now)
    fallen = [each for each in rows if setting.falls_by_itself and _falls(each, today)]
    for customer in fallen:
        _fall(customer, now=now)
    return rows[-1].pk, len(fallen)


def _grade(customer: Customer, stage: int | None, setting: PoolSetting, *, now: datetime) -> None:
    before, grade = customer.tier, grade_of(stage)
    rose = is_promotion(before, grade)
    if grade == before and customer.grade_due is not None:
        return
    log = ChangeLog(customer, ("tier",))
    customer.tier = grade
    if rose or customer.grade_due is None:
        customer.grade_due = today_of(now) + timedelta(days=setting.effective_days)
    customer.save(update_fields=["tier", "grade_due"])
    log.write(customer, actor=None, now=now, ip=None)
    if grade != before:
        note_grade(customer, GradeEvent.GRADED, by=None, at=now, before=before)


def _falls(customer: Customer, today: date) -> bool:
    return falls(customer, today=today) and not hooks.has_open_documents(customer.pk)


def _fall(customer: Customer, *, now: datetime) -> None:
    with translation.override(LANGUAGE_OF_RECORD):
        reason = _("not promoted while its grade was effective")
    put_into_pool(customer, reason=reason, by=None, now=now)
    heads = [person.pk for person in holders(RoleCode.TL, department_id=customer.department_id)]
    message = notice(
        EVENT,
        [customer.owner_id, *heads],
        url="/customers/pool/",
        doc_no=customer.customer_no,
        party=customer.name,
    )
    publish_all(message, now=now)

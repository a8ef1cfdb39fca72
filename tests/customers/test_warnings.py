"""业务机会预警 reaches the handler and the head of his department, once a quiet time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from customers.services.opportunities import log_follow_up, lose_opportunity
from customers.services.warnings import warn_of_stalled
from lending_crm.common.models import OutboxMessage
from tests.customers.factories import make_opportunity

pytestmark = pytest.mark.django_db

LATE = timedelta(days=31)


def told() -> list[dict]:
    rows = OutboxMessage.objects.filter(payload__event="opportunity.stalled").order_by("pk")
    return [row.payload for row in rows]


def test_tells_handler_and_department_head_once(world, customer, now):
    opportunity = make_opportunity(customer, now)
    assert warn_of_stalled(now=now) == 0
    assert warn_of_stalled(now=now + LATE) == 1
    assert warn_of_stalled(now=now + LATE + timedelta(hours=1)) == 0
    (message,) = told()
    assert message["recipients"] == [world.am.pk, world.tl.pk]
    assert message["params"]["days"] == LATE.days
    assert message["url"] == opportunity.get_absolute_url()


def test_tells_again_after_another_quiet_time(customer, now):
    opportunity = make_opportunity(customer, now)
    warn_of_stalled(now=now + LATE)
    log_follow_up(
        opportunity=opportunity,
        content="已电话联系",
        next_follow_on=(now + 2 * LATE).date(),
        actor=customer.owner,
        now=now + LATE,
    )
    assert warn_of_stalled(now=now + LATE + timedelta(hours=1)) == 0
    assert warn_of_stalled(now=now + 2 * LATE + timedelta(hours=1)) == 1


def test_a_closed_one_is_left_alone(customer, now):
    opportunity = make_opportunity(customer, now)
    lose_opportunity(
        opportunity=opportunity, lost_reason="PRICE",
        actor=customer.owner, now=now,
    )  # fmt: skip
    assert warn_of_stalled(now=now + LATE) == 0

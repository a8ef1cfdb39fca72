"""N25: full numbers only with right and reason, and every look is written down."""

from __future__ import annotations

from django.db import DatabaseError, transaction

import pytest

from customers.models import SensitiveAccess
from customers.services.customers import set_business_state
from customers.services.sensitive import reveal_value
from lending_crm.common.errors import DomainError
from tests.customers.factories import make_contact
from tests.customers.test_customer_services import refused

pytestmark = pytest.mark.django_db
REASON = "电话核实贷款用途"


class TestRevealValue:
    def test_n25_shows_the_number_and_writes_the_access(self, world, now, customer):
        shown = reveal_value(
            record=customer, field="phone", reason=REASON, actor=world.tl, now=now, ip="10.0.0.1"
        )
        assert shown == "13800138000"
        row = SensitiveAccess.objects.get()
        assert (row.model, row.object_id, row.field) == ("customers.customer", customer.pk, "phone")
        assert (row.actor, row.at, row.reason, row.ip) == (world.tl, now, REASON, "10.0.0.1")

    @pytest.mark.parametrize(
        ("field", "allowed"),
        [
            ("phone", {"am", "tl", "brm", "hrm", "plm"}),
            ("acct_no", {"am", "brm", "hrm", "fin"}),
        ],
    )
    def test_n25_needs_a_right_cus_16(self, world, now, customer, field, allowed):
        for who in ("am", "tl", "brm", "bgm", "hrm", "fin", "ceo", "plm", "ard", "adm", "rc"):
            act = {
                "record": customer, "field": field, "reason": REASON,
                "actor": getattr(world, who), "now": now,
            }  # fmt: skip
            if who in allowed:
                assert reveal_value(**act)
            else:
                assert refused(reveal_value, **act)["CUS-16"].status == 403

    def test_asset_recovery_only_for_bad_customers_cus_16(self, world, now, customer):
        act = {"field": "phone", "reason": REASON, "actor": world.ard, "now": now}
        assert "CUS-16" in refused(reveal_value, record=customer, **act)
        customer = set_business_state(customer_id=customer.pk, now=now, biz_status="BAD")
        assert reveal_value(record=customer, **act)

    def test_n25_needs_a_reason_cus_15(self, world, now, customer):
        for reason in ("", "看看", " \x00    "):
            found = refused(
                reveal_value,
                record=customer, field="phone", reason=reason, actor=world.am, now=now,
            )  # fmt: skip
            assert found["CUS-15"].field == "reason"
        assert not SensitiveAccess.objects.exists()

    def test_refuses_overlong_reason_cus_26(self, world, now, customer):
        assert "CUS-26" in refused(
            reveal_value,
            record=customer, field="phone", reason="长" * 201, actor=world.am, now=now,
        )  # fmt: skip

    def test_knows_contacts_too(self, world, now, customer):
        contact = make_contact(customer, now)
        assert reveal_value(
            record=contact, field="id_no", reason=REASON, actor=world.am, now=now
        ) == contact.id_no  # fmt: skip

    def test_opens_no_other_field(self, world, now, customer):
        with pytest.raises(DomainError) as caught:
            reveal_value(record=customer, field="name", reason=REASON, actor=world.am, now=now)
        assert caught.value.status == 404

    def test_n25_the_log_cannot_be_edited_or_removed(self, world, now, customer):
        reveal_value(record=customer, field="phone", reason=REASON, actor=world.am, now=now)
        for act in (
            SensitiveAccess.objects.all().delete,
            lambda: SensitiveAccess.objects.update(reason="x"),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                act()

"""What must be on file before a document is submitted: WF-08 fields, CON-03, CON-04, CUS-07,
CUS-09, BUS-07; and whose exposure is added up."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from applications.models import LenderSetting
from customers.choices import ContactType
from customers.models import Customer
from customers.selectors import (
    exposure_customers,
    main_contact,
    submission_gaps,
    submission_refusals,
)
from customers.services.consents import revoke_consent
from customers.services.contacts import create_contact
from customers.services.customers import create_customer, set_business_state, update_customer
from customers.services.groups import create_group
from tests.customers.factories import (
    contact_data,
    id_number,
    make_consent,
    make_contact,
    make_customer,
    make_person,
)

pytestmark = pytest.mark.django_db


def codes(customer: Customer, now) -> list[str]:
    return [refusal.code for refusal in submission_refusals(customer, today=now.date())]


class TestSubmissionGaps:
    def test_is_empty_for_a_complete_customer(self, customer, now):
        make_contact(customer, now)
        assert submission_gaps(customer) == []

    def test_names_empty_fields_of_customer_and_contacts(self, world, now):
        customer = create_customer(
            customer_type="ENTERPRISE",
            data={"name": "汇银", "phone": "13800138000", "source": "CHANNEL"},
            actor=world.am, now=now,
        )  # fmt: skip
        contact = make_contact(customer, now, marital="", id_no="")
        found = {field: str(label) for field, label in submission_gaps(customer)}
        assert found["uscc"] == "统一社会信用代码"
        assert found["channel"] == "介绍渠道"
        assert found[f"contacts.{contact.pk}.marital"] == "张三·婚姻状况"
        assert f"contacts.{contact.pk}.id_no" in found

    def test_asks_an_affiliate_when_it_was_founded_and_with_how_much(self, world, now, customer):
        supplier = create_customer(
            customer_type="UPDOWN",
            data={
                "name": "供应商", "phone": "13800138001", "source": "SELF",
                "relation_kind": "SUPPLIER", "principal_customer": customer,
            },
            actor=world.am, now=now,
        )  # fmt: skip
        assert {"founded_on", "reg_capital"} <= dict(submission_gaps(supplier)).keys()

    @pytest.mark.parametrize(
        ("kind", "field"), [("SHAREHOLDER", "share_pct"), ("MANAGER", "position")]
    )
    def test_asks_each_kind_of_contact_for_its_own(self, customer, now, kind, field):
        contact = create_contact(
            customer=customer,
            data={
                "contact_type": kind, "name": "赵", "id_type": "ID_CARD", "mobile": "13900139001",
            },
            actor=customer.owner, now=now,
        )  # fmt: skip
        assert f"contacts.{contact.pk}.{field}" in dict(submission_gaps(customer))


class TestSubmissionRefusals:
    def test_is_empty_when_all_is_on_file(self, customer, now):
        contact = make_contact(customer, now)
        make_consent(customer, now, contact)
        assert codes(customer, now) == []
        assert main_contact(customer) == contact

    def test_asks_for_the_main_contact_con_03(self, customer, now):
        assert codes(customer, now) == ["CON-03"]

    def test_asks_for_the_spouse_con_04(self, customer, now):
        contact = make_contact(customer, now, marital="MARRIED")
        make_consent(customer, now, contact)
        assert codes(customer, now) == ["CON-04"]
        spouse = create_contact(
            customer=customer,
            data=contact_data(contact_type=ContactType.FAMILY, family_relation="SPOUSE"),
            actor=customer.owner, now=now,
        )  # fmt: skip
        make_consent(customer, now, spouse)
        assert codes(customer, now) == []

    @pytest.mark.parametrize(
        ("birth", "fits"),
        [
            (date(2008, 3, 2), True),
            (date(2008, 3, 3), False),
            (date(1960, 3, 3), True),
            (date(1960, 3, 2), False),
        ],
    )
    def test_wants_a_borrower_of_18_to_65_cus_07(self, customer, now, birth, fits):
        contact = make_contact(customer, now, id_no=id_number(birth))
        make_consent(customer, now, contact)
        assert ("CUS-07" not in codes(customer, now)) is fits

    def test_age_limits_can_be_configured_cus_07(self, customer, now):
        contact = make_contact(customer, now, id_no=id_number(date(1990, 1, 1)))
        make_consent(customer, now, contact)
        LenderSetting.objects.filter(pk=1).update(min_age=40)
        assert codes(customer, now) == ["CUS-07"]

    def test_wants_consent_of_everybody_with_a_number_cus_09(self, customer, now):
        contact = make_contact(customer, now)
        assert codes(customer, now) == ["CUS-09"]
        consent = make_consent(customer, now, contact)
        assert codes(customer, now) == []
        revoke_consent(consent=consent, actor=customer.owner, now=now)
        assert codes(customer, now) == ["CUS-09"]

    def test_wants_consent_that_has_not_run_out_cus_09(self, customer, now):
        consent = make_consent(customer, now, make_contact(customer, now))
        consent.valid_until = now.date()
        consent.save()
        assert codes(customer, now) == []
        assert codes(customer, now + timedelta(days=1)) == ["CUS-09"]

    def test_wants_the_persons_own_consent_cus_09(self, world, now):
        customer = make_person(world.am, now)
        make_consent(customer, now, make_contact(customer, now))
        assert codes(customer, now) == ["CUS-09"]
        make_consent(customer, now)
        assert codes(customer, now) == []

    def test_refuses_bad_and_blacklisted_bus_07_n14(self, customer, now):
        make_consent(customer, now, make_contact(customer, now))
        for status in ("BAD", "BLACKLISTED"):
            customer = set_business_state(customer_id=customer.pk, now=now, biz_status=status)
            assert codes(customer, now) == ["BUS-07"]


class TestExposureCustomers:
    def test_is_the_customer_alone_without_a_group(self, customer):
        assert exposure_customers(customer) == [customer.pk]

    def test_adds_the_group_over_branches(self, customer, world, now):
        group = create_group(name="汇银集团", actor=world.am, now=now)
        customer = update_customer(
            customer=customer, data={"group": group}, version=1, actor=world.am, now=now
        )
        other = make_customer(world.other_am, now, group=group)
        make_customer(world.am, now)
        assert exposure_customers(customer) == [customer.pk, other.pk]

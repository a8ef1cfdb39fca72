"""M1: entering, changing, handing over and deleting customers (CUS-01 … CUS-30)."""

from __future__ import annotations

import threading
import uuid
from datetime import date, timedelta
from decimal import Decimal

from django.db import DatabaseError, connection, transaction

import pytest

from applications.models import LenderSetting
from customers import hooks
from customers.choices import CustomerStatus, CustomerType
from customers.models import Customer
from customers.services.customers import (
    change_owner,
    create_customer,
    delete_customer,
    set_business_state,
    update_customer,
)
from customers.services.groups import change_group, create_group
from lending_crm.common.errors import DomainError
from lending_crm.common.models import ChangeRecord
from tests.customers.factories import (
    build_world,
    credit_code,
    enterprise_data,
    id_number,
    make_channel,
    make_contact,
    make_customer,
    make_opportunity,
    make_person,
)
from tests.staff.factories import person

pytestmark = pytest.mark.django_db


def refused(call, **kwargs) -> dict[str, DomainError]:
    """The refusals of a call by code."""
    with pytest.raises(DomainError) as caught:
        call(**kwargs)
    return {reason.code: reason for reason in caught.value.reasons}


def changes_of(customer: Customer) -> dict[str, tuple[str, str]]:
    rows = ChangeRecord.objects.filter(model="customers.customer", object_id=customer.pk)
    return {row.field: (row.old, row.new) for row in rows.order_by("id")}


class TestCreateCustomer:
    def test_fills_what_the_system_knows(self, world, now):
        customer = make_customer(world.am, now)
        assert customer.customer_no == "KH-SY-20260302-001"
        assert (customer.owner, customer.department) == (world.am, world.department)
        assert customer.branch == world.branch
        assert customer.biz_status == CustomerStatus.PROSPECT
        assert make_customer(world.am, now).customer_no == "KH-SY-20260302-002"

    def test_needs_only_the_red_fields(self, world, now):
        customer = create_customer(
            customer_type="ENTERPRISE",
            data={"name": "汇银", "phone": "024-22223333", "source": "SELF"},
            actor=world.am,
            now=now,
        )
        assert customer.uscc == ""

    def test_names_every_empty_red_field(self, world, now):
        found = refused(create_customer, customer_type="UPDOWN", data={}, actor=world.am, now=now)
        assert set(found) == {"CUS-17"}
        with pytest.raises(DomainError) as caught:
            create_customer(customer_type="UPDOWN", data={}, actor=world.am, now=now)
        assert {reason.field for reason in caught.value.reasons} == {
            "name", "phone", "source", "relation_kind", "principal_customer",
        }  # fmt: skip

    def test_refuses_wrong_credit_code_cus_01(self, world, now):
        found = refused(make_customer, actor=world.am, now=now, uscc="91210103MA0000001X")
        assert found["CUS-01"].field == "uscc"

    def test_refuses_wrong_id_number_cus_02(self, world, now):
        found = refused(make_person, actor=world.am, now=now, id_no="21010319850615001A")
        assert found["CUS-02"].field == "id_no"

    def test_names_only_the_other_handler_cus_03(self, world, now):
        code = credit_code()
        make_customer(world.other_am, now, uscc=code, name="大连汇银", legal_rep="机密人")
        found = refused(make_customer, actor=world.am, now=now, uscc=code.lower())
        message = found["CUS-03"].message
        assert "大连汇银" in message and "周大连" in message
        assert "机密人" not in message and code not in message

    def test_refuses_taken_id_number_cus_03(self, world, now):
        number = id_number()
        make_person(world.am, now, id_no=number)
        found = refused(make_person, actor=world.am, now=now, id_no=number)
        assert found["CUS-03"].field == "id_no"

    def test_refuses_wrong_phone_cus_04(self, world, now):
        found = refused(make_customer, actor=world.am, now=now, phone="12800138000")
        assert found["CUS-04"].field == "phone"

    def test_refuses_rebate_above_cap_cus_08(self, world, now):
        found = refused(make_channel, actor=world.am, now=now, rebate_ratio="2.0001")
        assert "2%" in found["CUS-08"].message
        LenderSetting.objects.filter(pk=1).update(rebate_cap="3.5")
        assert make_channel(world.am, now, rebate_ratio="3.5").rebate_ratio == Decimal("3.5")

    def test_refuses_who_is_no_account_manager_cus_12(self, world, now):
        for actor in (world.tl, world.brm, world.fin, world.adm):
            found = refused(make_customer, actor=actor, now=now)
            assert found["CUS-12"].status == 403

    def test_refuses_field_of_another_type_cus_18(self, world, now):
        found = refused(make_customer, actor=world.am, now=now, agreement_no="X1")
        assert found["CUS-18"].field == "agreement_no"

    def test_refuses_wrong_account_number_cus_20(self, world, now):
        assert "CUS-20" in refused(make_customer, actor=world.am, now=now, acct_no="12ab")
        spaced = make_customer(world.am, now, acct_no="6222 0212 3456 7890 128")
        assert spaced.acct_no == "6222021234567890128"

    def test_refuses_founding_in_future_cus_21(self, world, now):
        tomorrow = now.date() + timedelta(days=1)
        found = refused(make_customer, actor=world.am, now=now, founded_on=tomorrow)
        assert found["CUS-21"].field == "founded_on"

    def test_refuses_channel_that_is_none_cus_22(self, world, now, customer):
        found = refused(make_customer, actor=world.am, now=now, source="CHANNEL", channel=customer)
        assert found["CUS-22"].field == "channel"

    def test_refuses_overlong_text_cus_26(self, world, now):
        found = refused(make_customer, actor=world.am, now=now, name="汇" * 81)
        assert found["CUS-26"].field == "name"
        huge = refused(make_customer, actor=world.am, now=now, main_business="长" * 10_000_000)
        assert "2000" in huge["CUS-26"].message

    def test_refuses_unknown_choice_cus_27(self, world, now):
        assert "CUS-27" in refused(make_customer, actor=world.am, now=now, industry="?")
        assert "CUS-27" in refused(
            create_customer, customer_type="BANK", data={}, actor=world.am, now=now
        )

    def test_refuses_negative_number_cus_28(self, world, now):
        assert "CUS-28" in refused(make_customer, actor=world.am, now=now, reg_capital="-1")

    def test_refuses_what_is_no_number_cus_29(self, world, now):
        for value in ("abc", "NaN", "1e999999", "99999999999999999999"):
            found = refused(make_customer, actor=world.am, now=now, reg_capital=value)
            assert found["CUS-29"].field == "reg_capital"

    def test_drops_nul_and_keeps_emoji(self, world, now):
        customer = make_customer(world.am, now, name=" 汇\x00银🏦 ")
        assert customer.name == "汇银🏦"

    def test_lists_all_refusals_at_once(self, world, now):
        found = refused(
            make_customer, actor=world.am, now=now, uscc="x", phone="x", acct_no="x", name=""
        )
        assert {"CUS-01", "CUS-04", "CUS-20", "CUS-17"} <= set(found)

    def test_answers_a_double_click_with_one_customer(self, world, now):
        key = uuid.uuid4()
        made = [
            create_customer(
                customer_type="ENTERPRISE",
                data=enterprise_data(uscc=""),
                actor=world.am,
                now=now,
                creation_key=key,
            )
            for _click in range(2)
        ]
        assert made[0].pk == made[1].pk
        assert Customer.objects.count() == 1

    def test_writes_masked_change_log_with_address(self, world, now):
        customer = create_customer(
            customer_type="ENTERPRISE",
            data=enterprise_data(),
            actor=world.am,
            now=now,
            ip="10.1.2.3",
        )
        changes = changes_of(customer)
        assert changes["phone"] == ("", "138****8000")
        assert changes["acct_no"] == ("", "6222 **** **** 0128")
        assert not ChangeRecord.objects.filter(new__contains="6222021234567890128").exists()
        row = ChangeRecord.objects.filter(object_id=customer.pk).first()
        assert (row.ip, row.actor) == ("10.1.2.3", world.am)

    def test_stores_numbers_encrypted(self, world, now):
        number = id_number()
        customer = make_person(world.am, now, id_no=number)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id_no, acct_no FROM customers_customer WHERE id = %s", [customer.pk]
            )
            stored = " ".join(cursor.fetchone())
        assert number not in stored and "6222021234567890128" not in stored
        assert Customer.objects.get(pk=customer.pk).id_no == number


@pytest.mark.django_db(transaction=True)
class TestCreateCustomerRace:
    def test_two_at_once_make_one_customer_and_one_refusal_cus_03(self, now):
        world = build_world()
        code = credit_code()
        start = threading.Barrier(2)
        outcomes: list[str] = []

        def enter(actor) -> None:
            try:
                start.wait(timeout=10)
                make_customer(actor, now, uscc=code)
                outcomes.append("made")
            except DomainError as refusal:
                outcomes.append(refusal.code)
            finally:
                connection.close()

        threads = [
            threading.Thread(target=enter, args=(actor,)) for actor in (world.am, world.other_am)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["CUS-03", "made"]
        assert Customer.objects.filter(uscc=code).count() == 1


class TestUpdateCustomer:
    def test_changes_and_logs_only_what_differs(self, world, now, customer):
        updated = update_customer(
            customer=customer, data={"legal_rep": "王五"}, version=1, actor=world.am, now=now
        )
        assert (updated.legal_rep, updated.version) == ("王五", 2)
        rows = ChangeRecord.objects.filter(object_id=customer.pk, old="张三")
        assert [(row.field_label, row.new) for row in rows] == [("法定代表人", "王五")]

    def test_marks_a_number_that_looks_alike(self, world, now, customer):
        update_customer(
            customer=customer, data={"phone": "13899998000"}, version=1, actor=world.am, now=now
        )
        assert changes_of(customer)["phone"] == ("138****8000", "138****8000(已更改)")

    def test_keeps_number_that_comes_back_masked(self, world, now, customer):
        updated = update_customer(
            customer=customer,
            data={"phone": "138****8000", "acct_no": "6222 **** **** 0128"},
            version=1,
            actor=world.am,
            now=now,
        )
        assert updated.phone == "13800138000"
        assert updated.acct_no == "6222021234567890128"

    def test_refuses_everybody_but_the_owner_cus_11(self, world, now, customer):
        for actor in (world.colleague, world.tl, world.brm, world.hrm, world.adm):
            found = refused(
                update_customer, customer=customer, data={}, version=1, actor=actor, now=now
            )
            assert found["CUS-11"].status == 403

    def test_refuses_stale_form_wf_12(self, world, now, customer):
        update_customer(customer=customer, data={"remark": "a"}, version=1, actor=world.am, now=now)
        found = refused(
            update_customer,
            customer=customer, data={"remark": "b"}, version=1, actor=world.am, now=now,
        )  # fmt: skip
        assert found["WF-12"].status == 409

    def test_refuses_other_type_cus_06(self, world, now, customer):
        found = refused(
            update_customer,
            customer=customer, data={"customer_type": "CHANNEL"}, version=1,
            actor=world.am, now=now,
        )  # fmt: skip
        assert found["CUS-06"].field == "customer_type"

    def test_database_refuses_other_type_cus_06(self, customer):
        with pytest.raises(DatabaseError), transaction.atomic():
            Customer.objects.filter(pk=customer.pk).update(customer_type=CustomerType.CHANNEL)

    def test_refuses_name_and_number_under_approval_cus_10(
        self, world, now, customer, open_document
    ):
        found = refused(
            update_customer,
            customer=customer, data={"name": "新名"}, version=1, actor=world.am, now=now,
        )  # fmt: skip
        assert found["CUS-10"].field == "name"
        assert "CUS-10" in refused(
            update_customer,
            customer=customer, data={"uscc": credit_code()}, version=1, actor=world.am, now=now,
        )  # fmt: skip
        update_customer(
            customer=customer, data={"remark": "可以"}, version=1, actor=world.am, now=now
        )

    def test_refuses_leaving_a_group_cus_23(self, world, now, customer):
        group = create_group(name="汇银集团", actor=world.am, now=now)
        update_customer(
            customer=customer, data={"group": group}, version=1, actor=world.am, now=now
        )
        found = refused(
            update_customer,
            customer=customer, data={"group": None}, version=2, actor=world.am, now=now,
        )  # fmt: skip
        assert found["CUS-23"].field == "group"
        change_group(customer=customer, group=None, reason="股权已转让", actor=world.brm, now=now)
        assert Customer.objects.get(pk=customer.pk).group is None

    def test_refuses_itself_as_principal_cus_22(self, world, now, customer):
        supplier = create_customer(
            customer_type="UPDOWN",
            data={
                "name": "供应商", "phone": "13800138001", "source": "SELF",
                "relation_kind": "SUPPLIER", "principal_customer": customer,
            },
            actor=world.am, now=now,
        )  # fmt: skip
        found = refused(
            update_customer,
            customer=supplier, data={"principal_customer": supplier}, version=1,
            actor=world.am, now=now,
        )  # fmt: skip
        assert found["CUS-22"].field == "principal_customer"

    def test_notes_when_text_messages_were_agreed_to(self, world, now, customer):
        updated = update_customer(
            customer=customer, data={"sms_consent": True}, version=1, actor=world.am, now=now
        )
        assert updated.sms_consent_at == now


class TestChangeOwner:
    def test_department_head_reassigns(self, world, now, customer):
        change_owner(customer=customer, owner=world.colleague, actor=world.tl, now=now)
        assert Customer.objects.get(pk=customer.pk).owner == world.colleague
        assert changes_of(customer)["owner"] == ("王客户", "李同事")

    def test_refuses_others_cus_13(self, world, now, customer):
        for actor in (world.am, world.colleague, world.brm, world.hrm):
            found = refused(
                change_owner, customer=customer, owner=world.colleague, actor=actor, now=now
            )
            assert found["CUS-13"].status == 403

    def test_refuses_wrong_receiver_cus_14(self, world, now, customer):
        gone = person("AM", branch=world.branch, department=world.department, is_active=False)
        for receiver in (world.am, world.other_am, world.brm, gone):
            found = refused(
                change_owner, customer=customer, owner=receiver, actor=world.tl, now=now
            )
            assert found["CUS-14"].field == "owner"


class TestDeleteCustomer:
    def test_removes_and_keeps_the_log(self, world, now, customer):
        make_contact(customer, now)
        delete_customer(customer=customer, actor=world.am, now=now)
        assert not Customer.objects.exists()
        last = ChangeRecord.objects.filter(model="customers.customer").latest("id")
        assert "北方汇银" in last.old

    def test_refuses_with_documents_cus_05(self, world, now, customer, monkeypatch):
        monkeypatch.setattr(hooks, "_document_checks", [lambda customer_id: True])
        assert "CUS-05" in refused(delete_customer, customer=customer, actor=world.am, now=now)

    def test_refuses_with_opportunities_cus_05(self, world, now, customer):
        make_opportunity(customer, now)
        assert "CUS-05" in refused(delete_customer, customer=customer, actor=world.am, now=now)

    def test_refuses_when_others_refer_to_it_cus_19(self, world, now):
        channel = make_channel(world.am, now)
        make_customer(world.am, now, source="CHANNEL", channel=channel)
        found = refused(delete_customer, customer=channel, actor=world.am, now=now)
        assert "北方汇银商贸有限公司" in found["CUS-19"].message

    def test_refuses_others_cus_11(self, world, now, customer):
        assert "CUS-11" in refused(delete_customer, customer=customer, actor=world.tl, now=now)


class TestSetBusinessState:
    def test_writes_and_logs_events(self, now, customer):
        set_business_state(customer_id=customer.pk, now=now, biz_status="BAD", tier="A")
        stored = Customer.objects.get(pk=customer.pk)
        assert (stored.biz_status, stored.tier) == ("BAD", "A")
        assert changes_of(customer)["biz_status"] == ("潜在", "不良")


class TestCreateGroup:
    def test_refuses_taken_name_cus_24(self, world, now):
        create_group(name="汇银集团", actor=world.am, now=now)
        assert "CUS-24" in refused(create_group, name=" 汇银集团 ", actor=world.brm, now=now)

    def test_refuses_others_cus_25(self, world, now):
        assert "CUS-25" in refused(create_group, name="甲", actor=world.adm, now=now)

    def test_refuses_empty_name_cus_17(self, world, now):
        assert "CUS-17" in refused(create_group, name="\x00 ", actor=world.am, now=now)


class TestChangeRecordRows:
    def test_nobody_can_edit_or_remove_them(self, customer):
        row = ChangeRecord.objects.filter(object_id=customer.pk).first()
        for act in (row.delete, lambda: ChangeRecord.objects.update(new="x")):
            with pytest.raises(DatabaseError), transaction.atomic():
                act()


class TestFoundedOn:
    def test_may_be_today(self, world, now):
        assert make_customer(world.am, now, founded_on=date(2026, 3, 2)).pk

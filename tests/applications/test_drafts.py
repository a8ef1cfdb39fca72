from __future__ import annotations

import uuid
from decimal import Decimal

import pytest

from applications.models import BusinessApplication
from applications.services.drafts import copy_application, create_application, update_application
from lending_crm.common.errors import DomainError
from lending_crm.common.models import ChangeRecord
from tests.applications.factories import fresh, house, line, set_status


class TestCreateApplication:
    def test_fills_in_customer_opportunity_and_borrower(self, lender, now):
        made = create_application(opportunity=lender.opportunity, actor=lender.am, now=now)

        assert made.doc_no == "YW-SY-20260302-001"
        assert made.subject == "北方汇银商贸有限公司-业务申请单-20260302"
        assert made.customer == lender.customer
        assert made.opportunity == lender.opportunity
        assert made.borrower.name == "张三"
        assert (made.handler, made.branch) == (lender.am, lender.am.branch)
        assert (made.wf_status, made.biz_status) == ("DRAFT", "APPLYING")

    def test_refuses_everybody_but_the_account_manager_of_the_customer(self, lender, now):
        for actor, code in ((lender.people.tl, "DOC-05"), (lender.people.colleague, "CUS-11")):
            with pytest.raises(DomainError) as refused:
                create_application(opportunity=lender.opportunity, actor=actor, now=now)
            assert refused.value.code == code
            assert refused.value.status == 403

    def test_answers_a_double_click_with_the_same_application(self, lender, now):
        key = uuid.uuid4()
        first = create_application(
            opportunity=lender.opportunity, actor=lender.am, now=now, creation_key=key
        )
        second = create_application(
            opportunity=lender.opportunity, actor=lender.am, now=now, creation_key=key
        )

        assert first.pk == second.pk
        assert BusinessApplication.objects.count() == 1

    def test_bus_07_refuses_a_blacklisted_customer(self, lender, now):
        type(lender.customer).objects.update(biz_status="BLACKLISTED")

        with pytest.raises(DomainError) as refused:
            create_application(opportunity=lender.opportunity, actor=lender.am, now=now)
        assert refused.value.code == "BUS-07"

    def test_bus_08_names_the_application_that_is_open(self, lender, now):
        open_one = lender.draft()
        BusinessApplication.objects.update(open_opportunity=lender.opportunity)

        with pytest.raises(DomainError) as refused:
            create_application(opportunity=lender.opportunity, actor=lender.am, now=now)
        assert refused.value.code == "BUS-08"
        assert open_one.doc_no in refused.value.message


class TestUpdateApplication:
    def test_saves_part_of_it_and_computes_the_totals(self, lender, now):
        made = create_application(opportunity=lender.opportunity, actor=lender.am, now=now)

        update_application(
            application_id=made.pk,
            actor=lender.am,
            now=now,
            values={"guarantee": ["MORTGAGE"]},
            rows={
                "lines": [
                    line(lender.product, amount=Decimal("300000")),
                    line(lender.product, amount=Decimal("200000.50")),
                ],
                "guarantee_items": [
                    house(assessed_value=Decimal("1000000.01"), ratio=Decimal("70"))
                ],
            },
            seen_version=made.version,
        )

        stored = fresh(made)
        assert stored.amount_total == Decimal("500000.50")
        assert stored.exposure == Decimal("500000.50")
        assert stored.all_in_rate == Decimal("12.0000")
        assert stored.guarantee_items.get().lendable == Decimal("700000.01")
        assert stored.purpose == ""
        assert stored.version == made.version + 1

    def test_leaves_the_lists_alone_that_were_not_sent(self, lender, now):
        draft = lender.draft()

        update_application(
            application_id=draft.pk, actor=lender.am, now=now, values={"remark": "加急"}
        )

        assert fresh(draft).lines.count() == 1
        assert fresh(draft).remark == "加急"

    def test_keeps_who_changed_what(self, lender, now):
        draft = lender.draft()
        own = ChangeRecord.objects.filter(
            model="applications.businessapplication", object_id=draft.pk
        ).order_by("id")
        known = own.count()

        update_application(
            application_id=draft.pk,
            actor=lender.am,
            now=now,
            values={"purpose": "EQUIPMENT"},
            rows={"lines": [line(lender.product, amount=Decimal("400000"))]},
        )

        records = own[known:]
        assert [(r.field_label, r.old[:12], r.new[:12]) for r in records] == [
            ("借款用途", "流动资金周转", "购置设备"),
            ("申请金额明细", "流动资金贷款 | 300", "流动资金贷款 | 400"),
        ]

    def test_changes_nothing_when_nothing_differs(self, lender, now):
        draft = lender.draft()

        update_application(
            application_id=draft.pk,
            actor=lender.am,
            now=now,
            values={"purpose": "WORKING_CAPITAL"},
            rows={"lines": [line(lender.product)]},
        )

        assert fresh(draft).version == draft.version

    def test_wf_12_refuses_a_stale_tab(self, lender, now):
        draft = lender.draft()

        with pytest.raises(DomainError) as refused:
            update_application(
                application_id=draft.pk,
                actor=lender.am,
                now=now,
                values={"remark": "x"},
                seen_version=draft.version - 1,
            )
        assert refused.value.code == "WF-12"

    def test_wf_04_refuses_while_under_approval(self, lender, now):
        draft = lender.draft()
        set_status(draft, "IN_APPROVAL")

        with pytest.raises(DomainError) as refused:
            update_application(
                application_id=draft.pk, actor=lender.am, now=now, values={"remark": "x"}
            )
        assert refused.value.code == "WF-04"

    def test_bus_01_refuses_an_amount_of_zero_at_its_field(self, lender, now):
        draft = lender.draft()

        with pytest.raises(DomainError) as refused:
            update_application(
                application_id=draft.pk,
                actor=lender.am,
                now=now,
                values={},
                rows={"lines": [line(lender.product, amount=Decimal(0))]},
            )
        assert refused.value.code == "BUS-01"
        assert refused.value.field == "lines.0.amount"
        assert fresh(draft).lines.get().amount == Decimal("300000.00")

    def test_refuses_another_customers_contact_and_a_channel_that_is_none(self, lender, now):
        draft = lender.draft()
        stranger = lender.borrower(name="另一家有限公司")

        with pytest.raises(DomainError) as refused:
            update_application(
                application_id=draft.pk,
                actor=lender.am,
                now=now,
                values={"borrower": stranger.contacts.get(), "channel": stranger},
            )
        assert [reason.field for reason in refused.value.reasons] == ["borrower", "channel"]

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"amount": Decimal("1e16")}, "lines.0.amount"),
            ({"term_months": 10**12}, "lines.0.term_months"),
            ({"term_months": 0}, "lines.0.term_months"),
            ({"annual_rate": Decimal("1234567")}, "lines.0.annual_rate"),
            ({"method": "MAGIC"}, "lines.0.method"),
            ({"method": "CUSTOM", "plan": [["x", 1]]}, "lines.0.plan"),
            ({"amount": None}, "lines.0.amount"),
        ],
    )
    def test_answers_absurd_rows_at_their_field(self, lender, now, values, field):
        draft = lender.draft()

        with pytest.raises(DomainError) as refused:
            update_application(
                application_id=draft.pk,
                actor=lender.am,
                now=now,
                values={},
                rows={"lines": [line(lender.product, **values)]},
            )
        assert refused.value.field == field
        assert refused.value.status == 422

    def test_refuses_a_list_without_end(self, lender, now):
        draft = lender.draft()

        with pytest.raises(DomainError) as refused:
            update_application(
                application_id=draft.pk,
                actor=lender.am,
                now=now,
                values={},
                rows={"lines": [line(lender.product)] * 31},
            )
        assert refused.value.code == "DOC-07"


class TestCopyApplication:
    def test_makes_a_draft_of_an_expired_one(self, lender, now):
        old = lender.approved(biz_status="EXPIRED", open_opportunity=None)

        copy = copy_application(application_id=old.pk, actor=lender.am, now=now)

        assert copy.wf_status == "DRAFT"
        assert copy.copied_from_id == old.pk
        assert copy.lines.get().amount == old.lines.get().amount
        assert copy.guarantee_items.count() == 1
        assert copy.approved_amount is None

    def test_refuses_one_that_still_lives(self, lender, now):
        with pytest.raises(DomainError) as refused:
            copy_application(application_id=lender.draft().pk, actor=lender.am, now=now)
        assert refused.value.code == "APP-03"

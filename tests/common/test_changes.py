"""The change log says things as its reader knows them, in the language of record."""

from __future__ import annotations

from django.template import Context, Template
from django.utils import translation

import pytest

from applications.models import BusinessApplication
from customers.models import Contact, Customer
from lending_crm.common.changes import field_values, record_changes
from lending_crm.common.models import ChangeRecord
from staff.models import Branch
from tests.applications.factories import make_product


class TestFieldValues:
    @pytest.mark.parametrize(("value", "said"), [(True, "是"), (False, "否")])
    def test_says_yes_and_no(self, value, said):
        with translation.override("en"):
            values = field_values(Branch(is_head_office=value), ["is_head_office"])

        assert values == {"is_head_office": said}

    def test_leaves_empty_what_is_empty(self):
        assert field_values(Contact(birth_date=None), ["birth_date"]) == {"birth_date": ""}


class TestLogged:
    """What a page says of a row that was written in Chinese, or as its program's word."""

    def said(self, model, field, text, language="zh-hans"):
        row = ChangeRecord(model=model, field=field, new=text)
        page = Template('{% load ui %}{% logged row "new" %}')
        with translation.override(language):
            return page.render(Context({"row": row}))

    @pytest.mark.parametrize(
        ("stored", "shown"),
        [
            ("1200000.00", "1,200,000.00"),
            ("-5000.10", "-5,000.10"),
            ("800.00", "800.00"),
            ("2026-11-29", "2026-11-29"),
            ("13853104340", "13853104340"),
            ("", "—"),
        ],
    )
    def test_gives_amounts_their_separators_and_nothing_else(self, stored, shown):
        assert self.said("customers.customer", "contacts", stored) == shown

    @pytest.mark.parametrize("stored", ["DOUBTFUL", "可疑"])
    def test_says_a_choice_by_its_label_in_the_readers_language(self, stored):
        field = ("customers.customer", "risk_class", stored)
        assert self.said(*field) == "可疑"
        assert self.said(*field, language="en") == "Doubtful"

    @pytest.mark.parametrize("stored", ["True", "是"])
    def test_says_yes_in_the_readers_language(self, stored):
        assert self.said("staff.branch", "is_head_office", stored) == "是"
        assert self.said("staff.branch", "is_head_office", stored, language="en") == "yes"

    def test_says_each_of_several_choices_in_the_readers_language(self):
        field = ("applications.product", "guarantees")
        assert self.said(*field, "抵押、质押", language="en") == "Mortgage, Pledge"
        assert self.said(*field, "抵押、质押") == "抵押、质押"
        assert self.said(*field, "抵押、无此项", language="en") == "抵押、无此项"

    def test_says_the_category_of_a_file_in_the_readers_language(self):
        field = ("applications.businessapplication", "attachments")
        stored = "财务报表或流水 / 2025 年报表 / a.pdf (V2)"
        assert self.said(*field, stored) == stored
        assert self.said(*field, stored, language="en") == (
            "Financial statements or bank flow / 2025 年报表 / a.pdf (V2)"
        )
        assert self.said(*field, "旧类别 / 甲 / a.pdf (V1)", language="en").startswith("旧类别 / ")

    def test_says_a_rate_without_its_empty_places(self):
        assert self.said("applications.product", "max_rate", "14.4000") == "14.40"
        assert self.said("applications.product", "max_rate", "14.4567") == "14.4567"

    def test_says_a_moment_in_the_time_of_the_pages(self):
        stored = "2026-11-22 06:05:33.123+00:00"
        assert self.said("staff.delegation", "ended_at", stored) == "2026-11-22 14:05"

    @pytest.mark.django_db
    def test_names_a_product_even_when_it_is_no_longer_on_offer(self):
        make_product(code="LDZJ9", name="旧流贷", is_active=False)
        assert self.said("customers.opportunity", "product", "LDZJ9") == "旧流贷"
        assert self.said("customers.opportunity", "product", "GONE") == "GONE"

    @pytest.mark.django_db
    def test_asks_for_the_names_once_a_page(self, django_assert_num_queries):
        make_product(code="LDZJ9", name="旧流贷")
        rows = [ChangeRecord(model="customers.opportunity", field="product", new="LDZJ9")] * 3
        page = Template('{% load ui %}{% for row in rows %}{% logged row "new" %}{% endfor %}')
        with django_assert_num_queries(1):
            assert page.render(Context({"rows": rows})) == "旧流贷" * 3


@pytest.mark.django_db
class TestRecordChanges:
    def test_names_what_is_no_field(self, now):
        rows = record_changes(
            instance=Customer(pk=1),
            before={},
            after={"contacts": "张三", "influences": "张三 → 李梅", "name": "恒信"},
            actor=None,
            now=now,
        )

        with translation.override("en"):
            assert rows[2].label == "customer name"
            assert rows[0].label == "contacts"  # no field, but a key that has a translation
        assert [row.field_label for row in rows] == ["联系人", "影响关系", "客户名称"]


class TestTitlesOfLists:
    """A list of a document is named in the reader's language, old rows by their Chinese title."""

    CASES = (
        ("applications.businessapplication", "lines", "申请金额明细", "Requested amounts"),
        (
            "applications.businessapplication",
            "guarantee_items",
            "担保物/保证人清单",
            "Securities and guarantors",
        ),
        ("contracts.contractreview", "attachments", "附件", "attachment"),
        ("postloan.badcustomerhandover", "loans", "业务/借据", "Loans of the customer"),
    )

    @pytest.mark.parametrize(("model", "key", "zh", "en"), CASES)
    def test_reads_a_row_by_its_key_and_an_old_one_by_its_title(self, model, key, zh, en):
        for field in (key, zh):
            row = ChangeRecord(model=model, field=field, field_label=zh)
            with translation.override("en"):
                assert row.label == en, field
            with translation.override("zh-hans"):
                assert row.label == zh, field

    def test_keeps_a_title_that_nobody_registered(self):
        row = ChangeRecord(model="customers.customer", field="旧清单", field_label="旧清单")
        with translation.override("en"):
            assert row.label == "旧清单"

    @pytest.mark.django_db
    def test_writes_key_and_chinese_title(self, now):
        with translation.override("en"):
            [row] = record_changes(
                instance=BusinessApplication(pk=1),
                before={"lines": ""},
                after={"lines": "流贷 | 300,000.00"},
                actor=None,
                now=now,
            )
        assert (row.field, row.field_label) == ("lines", "申请金额明细")

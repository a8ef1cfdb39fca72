"""The pages, as a browser uses them: nothing typed is lost, whatever was wrong with it."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django.test import Client
from django.urls import reverse

import pytest

from applications.models import AuthorityBand, BusinessApplication, LenderSetting, LprQuote, Product
from customers.models import Customer
from lending_crm.common.models import ChangeRecord
from tests.applications.factories import Lender, fresh, line, make_product, set_status
from workflows.models import Case


@pytest.fixture(autouse=True)
def clock(time_machine, now):
    time_machine.move_to(now, tick=False)


@pytest.fixture
def browse(lender):
    def browse(who: Any = None) -> Client:
        client = Client(headers={"accept-language": "zh-hans"})
        client.force_login(who or lender.am)
        return client

    return browse


def posted(lender: Lender, **values: Any) -> dict[str, Any]:
    """What the browser sends for a form with one line, one security and one fee."""
    return {
        "subject": "",
        "biz_kind": "NEW",
        "purpose": "WORKING_CAPITAL",
        "purpose_note": "采购钢材",
        "repay_source": "销售回款",
        "guarantee": ["MORTGAGE"],
        "remark": "",
        "lines-TOTAL_FORMS": "1",
        "lines-INITIAL_FORMS": "0",
        "lines-0-product": str(lender.product.pk),
        "lines-0-amount": "30万",
        "lines-0-term_months": "12",
        "lines-0-annual_rate": "12",
        "lines-0-monthly_rate": "1",
        "lines-0-method": "INTEREST_FIRST",
        "lines-0-disburse_mode": "ONCE",
        "guarantee_items-TOTAL_FORMS": "1",
        "guarantee_items-INITIAL_FORMS": "0",
        "guarantee_items-0-kind": "REAL_ESTATE",
        "guarantee_items-0-name": "和平区住宅",
        "guarantee_items-0-assessed_value": "1,000,000",
        "guarantee_items-0-ratio": "70%",
        "fees-TOTAL_FORMS": "1",
        "fees-INITIAL_FORMS": "0",
        "fees-0-kind": "SERVICE",
        "fees-0-basis": "RATE",
        "fees-0-rate": "1",
        "fees-0-timing": "UPFRONT",
    } | values


def text(response: Any) -> str:
    return response.content.decode()


class TestNewApplication:
    def url(self, lender: Lender) -> str:
        return reverse("applications:new", args=[lender.opportunity.pk])

    def test_fills_in_what_the_opportunity_knows(self, lender, browse):
        response = browse().get(self.url(lender))

        page = text(response)
        assert response.status_code == 200
        assert 'value="500,000.00"' in page
        assert lender.customer.name in page
        assert '<option value="LDZJ"' not in page
        assert f'value="{lender.product.pk}" selected' in page

    def test_saves_what_is_typed_the_way_officers_type(self, lender, browse):
        response = browse().post(self.url(lender), posted(lender))

        made = BusinessApplication.objects.get()
        assert response.url == reverse("applications:edit", args=[made.pk])
        assert made.lines.get().amount == Decimal("300000.00")
        assert made.guarantee_items.get().lendable == Decimal("700000.00")
        assert made.fees.get().rate == Decimal("1")
        assert made.subject == "北方汇银商贸有限公司-业务申请单-20260302"

    def test_takes_a_monthly_rate_instead(self, lender, browse):
        browse().post(
            self.url(lender),
            posted(lender, **{"lines-0-annual_rate": "", "lines-0-monthly_rate": "1.5"}),
        )
        assert BusinessApplication.objects.get().lines.get().annual_rate == Decimal("18")

    @pytest.mark.parametrize(
        ("button", "name"), [("view", "applications:detail"), ("submit", "applications:detail")]
    )
    def test_goes_on_where_the_button_says(self, lender, browse, button, name):
        response = browse().post(self.url(lender), posted(lender, **{button: "1"}))
        made = BusinessApplication.objects.get()
        expected = reverse(name, args=[made.pk]) + ("?submit=1" if button == "submit" else "")
        assert response.url == expected

    def test_a_double_click_makes_one_application(self, lender, browse):
        client = browse()
        key = re.search(r'name="creation_key" value="([^"]+)"', text(client.get(self.url(lender))))
        data = posted(lender, creation_key=key[1])
        first, second = client.post(self.url(lender), data), client.post(self.url(lender), data)

        assert first.url == second.url
        assert BusinessApplication.objects.count() == 1

    def test_saves_without_rows_and_text(self, lender, browse):
        data = posted(lender, purpose="", purpose_note="", repay_source="", guarantee=[])
        data |= {f"{prefix}-TOTAL_FORMS": "0" for prefix in ("lines", "guarantee_items", "fees")}
        assert browse().post(self.url(lender), data).status_code == 302

    def test_drops_rows_that_were_left_empty(self, lender, browse):
        data = posted(lender, **{"lines-TOTAL_FORMS": "2", "lines-1-disburse_mode": "ONCE"})
        assert browse().post(self.url(lender), data).status_code == 302
        assert BusinessApplication.objects.get().lines.count() == 1

    @pytest.mark.parametrize(
        ("field", "value", "sentence"),
        [
            ("lines-0-amount", "0", "申请金额必须大于 0。"),
            ("lines-0-amount", "abc", "输入一个数字"),
            ("lines-0-amount", "99999999999999999999", "位"),
            ("lines-0-amount", "-5", "大于"),
            ("lines-0-amount", "1e400", "位"),
            ("lines-0-term_months", "一年", "请输入整数月数。"),
            ("lines-0-term_months", "9" * 30, "600"),
            ("lines-0-annual_rate", "101", "100"),
            ("lines-0-product", "999999", "有效"),
            ("lines-0-product", "'; DROP TABLE x", "有效"),
            ("lines-0-method", "MAGIC", "有效"),
            ("guarantee_items-0-ratio", "120", "100"),
            ("guarantee_items-0-name", "名" * 101, "100"),
            ("guarantee_items-0-name", "a\x00b", "空字符"),
            ("fees-0-rate", "", "必填"),
            ("biz_kind", "GIFT", "有效"),
            ("purpose_note", "长" * 2001, "2000"),
            ("channel", "424242", "客户"),
            ("borrower", "424242", "有效"),
        ],
    )
    def test_keeps_everything_typed_and_says_what_is_wrong(
        self, lender, browse, field, value, sentence
    ):
        response = browse().post(self.url(lender), posted(lender, **{field: value}))

        page = text(response)
        assert response.status_code == 422
        assert sentence in page
        assert "采购钢材" in page or field == "purpose_note"
        assert "和平区住宅" in page or field == "guarantee_items-0-name"
        assert not BusinessApplication.objects.exists()

    def test_survives_a_tampered_row_count(self, lender, browse):
        for value in ("", "x", "100000"):
            response = browse().post(
                self.url(lender), posted(lender, **{"lines-TOTAL_FORMS": value})
            )
            assert response.status_code == 422, value

    def test_ignores_what_is_left_in_a_hidden_field(self, lender, browse):
        """A rate typed before the basis was switched to a fixed amount stands in nobody's way."""
        data = posted(
            lender, **{"fees-0-basis": "AMOUNT", "fees-0-rate": "abc", "fees-0-amount": "500"}
        )
        assert browse().post(self.url(lender), data).status_code == 302
        fee = BusinessApplication.objects.get().fees.get()
        assert (fee.rate, fee.amount) == (None, Decimal("500.00"))

    def test_shows_markup_as_text(self, lender, browse):
        data = posted(lender, remark="<script>alert(1)</script>", view="1")
        client = browse()
        page = text(client.get(client.post(self.url(lender), data).url))
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page

    def test_tells_of_a_draft_that_is_there_already(self, lender, browse):
        draft = lender.draft()
        assert draft.doc_no in text(browse().get(self.url(lender)))

    def test_bus_08_is_said_before_anything_is_typed(self, lender, browse):
        lender.draft()
        BusinessApplication.objects.update(open_opportunity=lender.opportunity)
        response = browse().get(self.url(lender))
        assert response.status_code == 409
        assert "BUS-08" in text(response)

    def test_is_not_there_for_strangers(self, lender, browse):
        assert browse(lender.people.other_am).get(self.url(lender)).status_code == 404
        assert browse(lender.people.tl).get(self.url(lender)).status_code == 403


class TestEditApplication:
    def test_shows_what_is_stored(self, lender, browse):
        draft = lender.draft()
        page = text(browse().get(reverse("applications:edit", args=[draft.pk])))
        assert 'value="300,000.00"' in page
        assert 'value="30,000,000.00"' in page
        assert f'name="version" value="{draft.version}"' in page

    def test_wf_12_a_stale_tab_loses_nothing(self, lender, browse):
        draft = lender.draft()
        data = posted(lender, version=str(draft.version), remark="我的备注")
        BusinessApplication.objects.get(pk=draft.pk).document_ptr.__class__.objects.update(
            version=draft.version + 1
        )

        response = browse().post(reverse("applications:edit", args=[draft.pk]), data)
        assert response.status_code == 409
        assert "单据已被他人更新,请刷新后重试。" in text(response)
        assert "我的备注" in text(response)

    def test_wf_04_under_approval(self, lender, browse):
        draft = lender.draft()
        set_status(draft, "IN_APPROVAL")
        url = reverse("applications:edit", args=[draft.pk])

        assert browse().get(url).status_code == 409
        response = browse().post(url, posted(lender))
        assert response.status_code == 409
        assert "单据审批中,不能修改" in text(response)
        assert "采购钢材" in text(response)

    def test_removes_the_rows_that_were_removed(self, lender, browse):
        draft = lender.draft(lines=[line(lender.product), line(lender.product)])
        data = posted(lender, version=str(draft.version)) | {
            "lines-TOTAL_FORMS": "2",
            "lines-INITIAL_FORMS": "2",
            "lines-0-DELETE": "on",
            "lines-1-product": str(lender.product.pk),
            "lines-1-amount": "200000",
            "lines-1-term_months": "6",
            "lines-1-annual_rate": "15",
            "lines-1-method": "FLAT",
            "lines-1-disburse_mode": "ONCE",
        }
        browse().post(reverse("applications:edit", args=[draft.pk]), data)
        assert [row.amount for row in fresh(draft).lines.all()] == [Decimal("200000.00")]

    def test_the_refusal_of_a_rule_stands_at_its_row(self, lender, browse):
        draft = lender.draft()
        data = posted(lender, version=str(draft.version)) | {
            "lines-TOTAL_FORMS": "2",
            "lines-0-DELETE": "on",
            "lines-1-product": str(lender.product.pk),
            "lines-1-amount": "0",
            "lines-1-term_months": "6",
            "lines-1-annual_rate": "15",
            "lines-1-method": "FLAT",
            "lines-1-disburse_mode": "ONCE",
        }
        page = text(browse().post(reverse("applications:edit", args=[draft.pk]), data))
        assert 'id="id_lines-1-amount_error"' in page
        assert 'id="id_lines-0-amount_error"' not in page

    def test_keeps_a_retired_product_on_its_lines(self, lender, browse):
        draft = lender.draft()
        Product.objects.update(is_active=False)
        data = posted(lender, version=str(draft.version))
        data["lines-INITIAL_FORMS"] = "1"
        assert browse().post(reverse("applications:edit", args=[draft.pk]), data).status_code == 302


class TestPreviewApplication:
    def test_computes_with_what_can_be_read_so_far(self, lender, browse):
        data = posted(lender, **{"lines-TOTAL_FORMS": "2", "lines-1-amount": "x"})
        response = browse().post(
            reverse("applications:preview_new", args=[lender.opportunity.pk]), data
        )

        page = text(response)
        assert response.status_code == 200
        assert "人民币叁拾万元整" in page
        assert "700,000.00" in page
        assert "分公司总经理" in page
        assert "有 1 行申请金额尚未填完" in page
        assert not BusinessApplication.objects.exists()

    def test_names_the_cap_before_it_is_too_late(self, lender, browse):
        data = posted(lender, **{"lines-0-method": "FLAT", "lines-0-term_months": "18",
                                 "fees-0-rate": "3"})  # fmt: skip
        page = text(
            browse().post(reverse("applications:preview_new", args=[lender.opportunity.pk]), data)
        )
        assert "BUS-05" in page
        assert "等本等息始终按全部本金计息" in page

    def test_survives_nonsense(self, lender, browse):
        draft = lender.draft()
        url = reverse("applications:preview", args=[draft.pk])
        for data in ({}, {"lines-TOTAL_FORMS": "x"}, {"guarantee": ["MAGIC"]}):
            assert browse().post(url, data).status_code == 200

    def test_asks_a_bounded_number_of_queries(self, lender, browse, django_assert_max_num_queries):
        data = posted(lender)
        for index in range(1, 8):
            data |= {
                key.replace("-0-", f"-{index}-"): value
                for key, value in posted(lender).items()
                if "-0-" in key
            }
        data |= {f"{p}-TOTAL_FORMS": "8" for p in ("lines", "guarantee_items", "fees")}
        client = browse()
        with django_assert_max_num_queries(22):
            client.post(reverse("applications:preview_new", args=[lender.opportunity.pk]), data)


class TestApplicationPage:
    def test_shows_the_form_and_everything_that_hangs_on_it(self, lender, browse):
        draft = lender.draft()
        page = text(browse().get(reverse("applications:detail", args=[draft.pk])))
        for expected in (
            draft.doc_no, lender.customer.name, "人民币叁拾万元整", "附件",
            "提交审批", "编辑", "打印", "作废",
        ):  # fmt: skip
            assert expected in page
        for name, title in (("supplement_panel", "补充附件"), ("record", "修改记录")):
            below = reverse(f"documents:{name}", args=[draft.pk])
            assert f'hx-get="{below}"' in page
            assert title in text(browse().get(below))

    def test_n26_is_not_there_for_strangers(self, lender, browse):
        draft = lender.draft()
        for name in ("detail", "edit", "schedule", "submission"):
            url = reverse(f"applications:{name}", args=[draft.pk])
            for who in (lender.people.other_am, lender.people.colleague, lender.people.rc):
                assert browse(who).get(url).status_code == 404, (name, who)
        for name in ("submit", "copy", "void", "preview"):
            url = reverse(f"applications:{name}", args=[draft.pk])
            assert browse(lender.people.other_am).post(url).status_code == 404

    def test_others_read_but_do_not_act(self, lender, browse):
        draft = lender.draft()
        page = text(browse(lender.people.brm).get(reverse("applications:detail", args=[draft.pk])))
        assert reverse("applications:edit", args=[draft.pk]) not in page

    def test_draws_the_schedules(self, lender, browse):
        draft = lender.draft()
        page = text(browse().get(reverse("applications:schedule", args=[draft.pk])))
        assert "2026-04-02" in page
        assert "303,000.00" in page

    def test_asks_a_bounded_number_of_queries(self, lender, browse, django_assert_max_num_queries):
        draft = lender.draft()
        client = browse()
        client.get(reverse("applications:detail", args=[draft.pk]))
        with django_assert_max_num_queries(20):
            client.get(reverse("applications:detail", args=[draft.pk]))


class TestSubmitPage:
    def test_shows_the_chain_with_people_first(self, lender, browse):
        draft = lender.draft()
        page = text(browse().get(reverse("applications:submission", args=[draft.pk])))
        for name in ("赵主管", "钱风控", "孙总", "确认提交"):
            assert name in page

    def test_lists_what_stands_against_it(self, lender, browse):
        draft = lender.draft(has_papers=False, purpose="STOCKS")
        page = text(browse().get(reverse("applications:submission", args=[draft.pk])))
        assert "WF-09" in page and "BUS-06" in page
        assert "确认提交" not in page

    def test_submits_once(self, lender, browse):
        draft = lender.draft()
        client = browse()
        url = reverse("applications:submit", args=[draft.pk])
        data = {"seen_version": str(draft.version), "idempotency_key": "k" * 20}

        assert client.post(url, data).status_code == 302
        assert client.post(url, data).status_code == 302  # the same click once more
        assert Case.objects.count() == 1
        assert fresh(draft).wf_status == "IN_APPROVAL"

    def test_wf_12_refuses_what_was_changed_since(self, lender, browse):
        draft = lender.draft()
        response = browse().post(
            reverse("applications:submit", args=[draft.pk]),
            {"seen_version": str(draft.version + 1), "idempotency_key": "k" * 20},
        )
        assert response.status_code == 409
        assert "WF-12" in text(response)


class TestApplicationList:
    def test_n26_shows_what_the_reader_may_see(self, lender, browse):
        draft = lender.draft()
        url = reverse("applications:list")
        assert draft.doc_no in text(browse().get(url))
        assert draft.doc_no in text(browse(lender.people.brm).get(url))
        assert draft.doc_no not in text(browse(lender.people.colleague).get(url))
        assert draft.doc_no not in text(browse(lender.people.other_am).get(url))

    @pytest.mark.parametrize(
        ("query", "is_found"),
        [
            ("q=bfhy", True),
            ("q=YW-SY", True),
            ("q=zzz", False),
            ("wf_status=DRAFT", True),
            ("wf_status=APPROVED", False),
            ("amount_from=30万&amount_to=30万", True),
            ("amount_from=300000.01", False),
            ("created_from=2026-03-02&created_to=2026-03-02", True),
            ("created_to=2026-03-01", False),
            ("sort=-amount", True),
            ("sort=nonsense&cursor=nonsense", True),
        ],
    )
    def test_filters_and_searches(self, lender, browse, query, is_found):
        draft = lender.draft()
        page = text(browse().get(reverse("applications:list") + "?" + query))
        assert (draft.doc_no in page) is is_found

    def test_survives_nonsense_in_the_address(self, lender, browse):
        for query in ("wf_status=X", "amount_from=x", "created_from=x", "branch=x", "q=%00"):
            url = reverse("applications:list") + "?" + query
            assert browse(lender.people.hrm).get(url).status_code == 200, query

    def test_asks_a_bounded_number_of_queries(self, lender, browse, django_assert_max_num_queries):
        for _ in range(6):
            lender.draft(has_papers=False)
        client = browse()
        url = reverse("applications:list")
        client.get(url)
        with django_assert_max_num_queries(8):
            client.get(url)


class TestChooseOpportunity:
    def test_offers_the_open_ones_of_the_account_manager(self, lender, browse):
        url = reverse("applications:choose_opportunity")
        new = reverse("applications:new", args=[lender.opportunity.pk])
        assert new in text(browse().get(url))
        assert new not in text(browse(lender.people.colleague).get(url))
        assert browse(lender.people.brm).get(url).status_code == 403

    def test_bus_07_says_why_a_bad_customer_gets_none(self, lender, browse):
        Customer.objects.filter(pk=lender.customer.pk).update(risk_class="SUBSTANDARD")
        page = text(browse().get(reverse("applications:choose_opportunity")))
        assert reverse("applications:new", args=[lender.opportunity.pk]) not in page
        assert "客户为次级,不能申请新业务。" in page


class TestPanels:
    def test_stand_on_the_pages_of_customer_and_opportunity(self, lender, browse):
        draft = lender.draft()
        client = browse()
        assert draft.doc_no in text(client.get(f"{lender.customer.get_absolute_url()}related/"))
        page = text(client.get(lender.opportunity.get_absolute_url()))
        assert draft.doc_no in page
        assert reverse("applications:new", args=[lender.opportunity.pk]) in page


class TestProductPages:
    def data(self, **values: Any) -> dict[str, Any]:
        return {
            "code": "FDC",
            "name": "房抵贷",
            "min_amount": "10万",
            "max_amount": "2000万",
            "min_term": "1",
            "max_term": "36",
            "min_rate": "8",
            "floor_rate": "10",
            "max_rate": "24",
            "day_count": "30/360",
            "early_repayment_fee": "0",
            "methods": ["INTEREST_FIRST"],
            "guarantees": ["MORTGAGE"],
            "is_active": "on",
        } | values

    def test_the_administrator_enters_one(self, lender, browse):
        url = reverse("applications:product_new")
        assert browse(lender.people.adm).post(url, self.data()).status_code == 302
        made = Product.objects.get(code="FDC")
        assert made.max_amount == Decimal("20000000.00")
        assert ChangeRecord.objects.filter(model="applications.product").exists()

    @pytest.mark.parametrize(
        ("values", "sentence"),
        [
            ({"min_amount": "3000万"}, "最低金额须大于 0 且不大于最高金额。"),
            ({"min_term": "37"}, "最短期限不能大于最长期限。"),
            ({"floor_rate": "25"}, "利率须依次递增"),
            ({"code": "LDZJ"}, "编码"),
            ({"methods": []}, "必填"),
        ],
    )
    def test_says_what_is_wrong(self, lender, browse, values, sentence):
        response = browse(lender.people.adm).post(
            reverse("applications:product_new"), self.data(**values)
        )
        assert response.status_code == 422
        assert sentence in text(response)

    def test_others_may_not(self, lender, browse):
        url = reverse("applications:product", args=[lender.product.pk])
        assert browse(lender.people.hrm).get(url).status_code == 200
        assert browse(lender.people.hrm).post(url, self.data()).status_code == 403
        assert browse().get(url).status_code == 403

    def test_wf_12_two_administrators(self, lender, browse):
        product = make_product(code="X1", name="测试产品")
        url = reverse("applications:product", args=[product.pk])
        data = self.data(code="X1", name="测试产品", version="1")
        assert browse(lender.people.adm).post(url, data | {"max_term": "24"}).status_code == 302
        response = browse(lender.people.adm).post(url, data | {"max_term": "12"})
        assert response.status_code == 422
        assert "刷新后重试" in text(response)


class TestAuthorityPage:
    def data(self, **values: str) -> dict[str, str]:
        return {
            "level_1": "600000",
            "level_2": "3000000",
            "level_3": "10000000",
            "seen_1": "500000.00",
            "seen_2": "3000000.00",
            "seen_3": "10000000.00",
        } | values

    def test_the_administrator_changes_it_and_it_is_on_record(self, lender, browse):
        url = reverse("applications:authority")
        assert browse(lender.people.adm).post(url, self.data()).status_code == 302
        assert AuthorityBand.objects.get(level=1).upper_limit == Decimal("600000.00")
        record = ChangeRecord.objects.get(model="applications.authorityband")
        assert (record.old, record.new) == ("500000.00", "600000.00")

    def test_aut_01_limits_must_rise(self, lender, browse):
        response = browse(lender.people.adm).post(
            reverse("applications:authority"), self.data(level_2="600000")
        )
        assert response.status_code == 422
        assert "各级上限须逐级递增" in text(response)

    def test_wf_12_a_stale_tab(self, lender, browse):
        AuthorityBand.objects.filter(level=1).update(upper_limit=Decimal("1"))
        response = browse(lender.people.adm).post(reverse("applications:authority"), self.data())
        assert "刷新后重试" in text(response)

    def test_others_may_not(self, lender, browse):
        url = reverse("applications:authority")
        assert browse(lender.people.hrm).get(url).status_code == 200
        assert browse(lender.people.hrm).post(url, self.data()).status_code == 403
        assert browse().get(url).status_code == 403


class TestLenderPage:
    def test_the_administrator_changes_it(self, lender, browse):
        client = browse(lender.people.adm)
        url = reverse("applications:settings")
        page = text(client.get(url))
        data = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page))
        data |= {"net_assets": "2亿", "lpr_hard_from": "2028-01-01", "prohibited_words": "炒股",
                 "is_licensed": "on"}  # fmt: skip
        response = client.post(url, data)
        assert response.status_code == 302, text(response)
        assert LenderSetting.objects.get().net_assets == Decimal("200000000.00")
        assert LenderSetting.objects.get().prohibited_words == ["炒股"]

    def test_finance_enters_the_lpr(self, lender, browse):
        url = reverse("applications:lpr")
        data = {"quoted_on": "2026-02-20", "rate": "3.1"}
        assert browse(lender.people.fin).post(url, data).status_code == 302
        assert LprQuote.objects.get(quoted_on="2026-02-20").entered_by == lender.people.fin
        future = browse(lender.people.fin).post(url, data | {"quoted_on": "2027-01-01"})
        assert future.status_code == 422
        assert "日期不能晚于今天。" in future.content.decode()  # LPR-01
        assert browse().post(url, data).status_code == 403

"""The pages of customers, contacts and opportunities as their users meet them."""

from __future__ import annotations

import re
import uuid

from django.test import Client
from django.urls import reverse

import pytest

from customers.models import Consent, Contact, Customer, InfluenceRelation, Opportunity
from customers.services.customers import set_business_state
from customers.services.groups import create_group
from lending_crm.common.models import ChangeRecord
from tests.customers.factories import (
    contact_data,
    credit_code,
    enterprise_data,
    id_number,
    make_channel,
    make_consent,
    make_contact,
    make_customer,
    make_opportunity,
    make_person,
)

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
MARKUP = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def at(world):
    """``at("am")`` is a browser in which that person is logged in."""

    def browser(who: str) -> Client:
        client = Client()
        client.force_login(getattr(world, who))
        return client

    return browser


def typed(data: dict) -> dict:
    """Values as a browser sends them."""
    return {name: getattr(value, "pk", value) for name, value in data.items() if value is not None}


def text_of(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


class TestListPage:
    @pytest.mark.parametrize("kind", ["enterprises", "channels", "companies", "persons"])
    def test_shows_one_list_per_type(self, world, now, at, kind):
        customer = make_customer(world.am, now)
        make_channel(world.am, now)
        make_person(world.am, now)
        page = at("am").get(reverse("customers:customer-list", args=[kind]))
        assert page.status_code == 200
        assert (customer.name in text_of(page)) == (kind == "enterprises")

    def test_links_names_and_hides_numbers(self, world, now, at):
        customer = make_person(world.am, now)
        page = text_of(at("am").get(reverse("customers:customer-list", args=["persons"])))
        assert f'href="{customer.get_absolute_url()}"' in page
        assert customer.id_no not in page and customer.phone not in page
        assert customer.masked_id_no in page

    def test_finds_by_pinyin_initials(self, world, now, at):
        make_customer(world.am, now)
        make_customer(world.am, now, name="大连远洋")
        page = text_of(at("am").get(reverse("customers:customer-list") + "?q=bfhy"))
        assert "北方汇银" in page and "大连远洋" not in page

    def test_filters_and_survives_nonsense(self, world, now, at):
        make_customer(world.am, now)
        url = reverse("customers:customer-list")
        for query in (
            "biz_status=BAD", "biz_status=NOPE", "owner=abc", "owner=99999999999999999999",
            "cursor=xx", "sort=password", "q=%00", "q=%25", "group=-1", "tier=" + "x" * 3000,
        ):  # fmt: skip
            assert at("am").get(f"{url}?{query}").status_code == 200, query
        assert "北方汇银" not in text_of(at("am").get(f"{url}?biz_status=BAD"))

    def test_pages_by_key(self, world, now, at):
        for number in range(53):
            make_customer(world.am, now, name=f"第{number:02d}客户")
        first = at("am").get(reverse("customers:customer-list"))
        assert len(first.context["page"]) == 50
        following = re.search(r'href="(\?[^"]*cursor=[^"]+)"', first.content.decode())
        second = at("am").get(
            reverse("customers:customer-list") + following.group(1).replace("&amp;", "&")
        )
        assert len(second.context["page"]) == 3

    def test_n26_shows_nobody_elses_customers(self, world, now, at):
        make_customer(world.am, now)
        for who in ("colleague", "other_am", "adm", "rc"):
            page = at(who).get(reverse("customers:customer-list") + "?q=bfhy")
            assert "北方汇银" not in text_of(page)

    def test_offers_new_only_to_account_managers(self, world, at):
        url = reverse("customers:customer-list", args=["enterprises"])
        new = reverse("customers:customer-new", args=["enterprises"])
        assert new in text_of(at("am").get(url))
        assert new not in text_of(at("brm").get(url))

    def test_asks_at_most_ten_queries_at_any_size(
        self, world, now, at, django_assert_max_num_queries
    ):
        for _number in range(12):
            make_customer(world.am, now)
        for who in ("am", "brm"):
            client = at(who)
            client.get("/customers/")
            with django_assert_max_num_queries(10):
                client.get("/customers/")

    def test_sends_strangers_to_the_login(self):
        page = Client().get(reverse("customers:customer-list"))
        assert page.status_code == 302 and "login" in page.url

    def test_unknown_kind_is_not_found(self, at):
        assert at("am").get("/customers/banks/").status_code == 404


class TestDetail:
    def test_shows_everything_that_hangs_on_it(self, world, now, at):
        customer = make_customer(world.am, now)
        contact = make_contact(customer, now)
        make_consent(customer, now, contact)
        opportunity = make_opportunity(customer, now)
        page = text_of(at("am").get(customer.get_absolute_url()))
        for shown in (
            customer.customer_no, contact.name, opportunity.subject, "授权书.pdf", "销售机会",
            reverse("customers:contact-new", args=[customer.pk]),
            reverse("customers:opportunity-new", args=[customer.pk]),
        ):  # fmt: skip
            assert shown in page

    def test_n25_never_shows_a_full_number(self, world, now, at):
        customer = make_person(world.am, now)
        contact = make_contact(customer, now)
        for who in ("am", "brm", "hrm"):
            page = text_of(at(who).get(customer.get_absolute_url()))
            for number in (
                customer.id_no, customer.phone, customer.acct_no, contact.id_no, contact.mobile,
            ):  # fmt: skip
                assert number not in page

    def test_says_what_a_submission_lacks(self, world, now, at):
        customer = make_customer(world.am, now, legal_rep="")
        page = text_of(at("am").get(customer.get_absolute_url()))
        assert "提交业务前须录入主联系人。" in page and "法定代表人" in page

    def test_warns_of_blocked_customers(self, world, now, at):
        customer = make_customer(world.am, now)
        set_business_state(customer_id=customer.pk, now=now, biz_status="BLACKLISTED")
        page = text_of(at("am").get(customer.get_absolute_url()))
        assert "客户为黑名单,不能申请新业务。" in page
        assert reverse("customers:opportunity-new", args=[customer.pk]) not in page

    def test_shows_registered_panels(self, world, now, at, monkeypatch):
        from documents import panels

        monkeypatch.setattr(panels, "_panels", [])
        panels.register_panel(
            panels.Panel(
                subject="customer",
                code="loans",
                title="借据列表",
                template="customers/form_legend.html",
                load=lambda customer, user: panels.PanelContent(1, {}, "/new-loan/"),
            )
        )
        page = text_of(at("am").get(make_customer(world.am, now).get_absolute_url()))
        assert "借据列表" in page and "/new-loan/" in page

    def test_n26_is_not_found_for_others(self, world, now, at):
        customer = make_customer(world.am, now)
        contact, opportunity = make_contact(customer, now), make_opportunity(customer, now)
        for who in ("colleague", "other_am", "adm", "rc", "ard"):
            for record in (customer, contact, opportunity):
                assert at(who).get(record.get_absolute_url()).status_code == 404

    def test_escapes_markup_in_names(self, world, now, at):
        customer = make_customer(world.am, now, name=MARKUP, remark=MARKUP)
        contact = make_contact(customer, now, name=MARKUP, remark=MARKUP)
        opportunity = make_opportunity(customer, now, subject=MARKUP, need=MARKUP)
        for url in (
            customer.get_absolute_url(), contact.get_absolute_url(),
            opportunity.get_absolute_url(), "/customers/", "/contacts/", "/opportunities/",
            f"/customers/{customer.pk}/changes/", "/search/?q=script",
        ):  # fmt: skip
            page = text_of(at("am").get(url))
            assert MARKUP not in page and "&lt;script&gt;" in page, url

    @pytest.mark.parametrize("pk", ["99999", "9" * 30])
    def test_hostile_ids_are_not_found(self, at, pk):
        for path in ("customers", "contacts", "opportunities"):
            assert at("am").get(f"/{path}/{pk}/").status_code == 404

    def test_asks_at_most_ten_queries(self, world, now, at, django_assert_max_num_queries):
        customer = make_customer(world.am, now)
        contact = make_contact(customer, now)
        make_consent(customer, now, contact)
        opportunity = make_opportunity(customer, now)
        client = at("am")
        client.get("/search/")  # the first request of a session writes the session
        for record in (customer, contact, opportunity):
            with django_assert_max_num_queries(10):
                client.get(record.get_absolute_url())


class TestNewCustomer:
    url = "/customers/enterprises/new/"

    def test_saves_and_goes_back_to_the_list(self, world, at):
        answer = at("am").post(self.url, typed(enterprise_data()))
        assert answer.status_code == 302
        assert answer.url == reverse("customers:customer-list", args=["enterprises"])

    def test_saves_and_views(self, world, at):
        answer = at("am").post(self.url, typed(enterprise_data(view="1")))
        assert answer.url == Customer.objects.get().get_absolute_url()

    def test_marks_red_and_submit_fields(self, at):
        page = text_of(at("am").get(self.url))
        assert "is-required" in page and "提交必填" in page

    def test_keeps_what_was_typed_when_refused(self, world, at):
        answer = at("am").post(
            self.url, typed(enterprise_data(name="很长的名字" * 30, uscc="X", phone="1"))
        )
        page = text_of(answer)
        assert answer.status_code == 422
        assert "很长的名字" in page and 'value="X"' in page
        assert not Customer.objects.exists()

    def test_shows_rule_refusals_at_their_field(self, world, at):
        answer = at("am").post(self.url, typed(enterprise_data(uscc="91210103MA0000001X")))
        form = answer.context["form"]
        assert form.errors["uscc"] == ["统一社会信用代码不正确(校验位不符)。"]

    def test_names_the_other_handler_cus_03(self, world, now, at):
        code = credit_code()
        make_customer(world.other_am, now, uscc=code)
        answer = at("am").post(self.url, typed(enterprise_data(uscc=code)))
        assert "周大连" in answer.context["form"].errors["uscc"][0]

    def test_double_click_makes_one(self, world, at):
        data = typed(enterprise_data(uscc="", creation_key=uuid.uuid4()))
        client = at("am")
        for _click in range(2):
            assert client.post(self.url, data).status_code == 302
        assert Customer.objects.count() == 1

    def test_takes_separators_and_refuses_what_is_no_number(self, world, at):
        at("am").post(self.url, typed(enterprise_data(reg_capital="1,000,000.50")))
        assert str(Customer.objects.get().reg_capital) == "1000000.50"
        answer = at("am").post(self.url, typed(enterprise_data(reg_capital="9" * 30)))
        assert answer.status_code == 422 and "reg_capital" in answer.context["form"].errors

    @pytest.mark.parametrize(
        "values",
        [
            {"name": "汇\x00银"}, {"founded_on": "2026-02-30"}, {"industry": "ZZ"},
            {"channel": "99999999999999999999"}, {"group": "abc"}, {"creation_key": "x"},
            {"main_business": "长" * 100_000},
        ],
    )  # fmt: skip
    def test_answers_bad_input_with_a_sentence(self, world, at, values):
        answer = at("am").post(self.url, typed(enterprise_data()) | values)
        assert answer.status_code == 422
        assert answer.context["form"].errors
        assert not Customer.objects.exists()

    def test_is_refused_to_everybody_else(self, at):
        for who in ("tl", "brm", "hrm", "adm"):
            assert at(who).get(self.url).status_code == 403

    def test_refuses_a_channel_out_of_sight(self, world, now, at):
        channel = make_channel(world.other_am, now)
        answer = at("am").post(self.url, typed(enterprise_data(source="CHANNEL", channel=channel)))
        assert "channel" in answer.context["form"].errors


class TestEditCustomer:
    def url(self, customer: Customer) -> str:
        return reverse("customers:customer-edit", args=[customer.pk])

    def test_n25_shows_numbers_masked_and_keeps_them(self, world, now, at):
        customer = make_person(world.am, now)
        client = at("am")
        page = client.get(self.url(customer))
        assert customer.id_no not in text_of(page)
        form = page.context["form"]
        data = {
            name: form[name].value() for name in form.fields if form[name].value() not in (None, "")
        }
        assert client.post(self.url(customer), data | {"remark": "改过"}).status_code == 302
        stored = Customer.objects.get()
        assert (stored.id_no, stored.phone, stored.remark) == (
            customer.id_no, customer.phone, "改过",
        )  # fmt: skip

    def test_stale_tab_loses_nothing_wf_12(self, world, now, at):
        customer = make_customer(world.am, now)
        client = at("am")
        data = typed(enterprise_data(uscc=customer.uscc, version=1))
        client.post(self.url(customer), data)
        answer = client.post(self.url(customer), data | {"remark": "第二个标签页"})
        page = text_of(answer)
        assert answer.status_code == 422
        assert "单据已被他人更新,请刷新后重试。" in page and "第二个标签页" in page

    def test_others_get_the_reason(self, world, now, at):
        customer = make_customer(world.am, now)
        answer = at("tl").get(self.url(customer))
        assert answer.status_code == 403
        assert "只有该客户的客户经理可以修改其信息。" in text_of(answer)
        assert at("colleague").get(self.url(customer)).status_code == 404


class TestCustomerActs:
    def test_department_head_reassigns(self, world, now, at):
        customer = make_customer(world.am, now)
        page = text_of(at("tl").get(customer.get_absolute_url()))
        assert "更换客户经理" in page
        answer = at("tl").post(
            reverse("customers:customer-owner", args=[customer.pk]),
            {"owner": world.colleague.pk},
            headers={"HX-Request": "true"},
        )
        assert answer["HX-Redirect"] == customer.get_absolute_url()
        assert Customer.objects.get().owner == world.colleague

    def test_refuses_wrong_receivers_cus_14(self, world, now, at):
        customer = make_customer(world.am, now)
        for owner in (world.other_am.pk, "x", ""):
            answer = at("tl").post(
                reverse("customers:customer-owner", args=[customer.pk]), {"owner": owner}
            )
            assert answer.status_code == 422 and "CUS-14" in text_of(answer)

    def test_deletes_or_says_why_not_cus_05(self, world, now, at):
        customer = make_customer(world.am, now)
        make_opportunity(customer, now)
        url = reverse("customers:customer-delete", args=[customer.pk])
        answer = at("am").post(url)
        assert answer.status_code == 409 and "客户已有业务单据,不能删除。" in text_of(answer)
        other = make_customer(world.am, now)
        gone = at("am").post(reverse("customers:customer-delete", args=[other.pk]))
        assert gone.status_code == 302
        assert at("am").get(url).status_code == 405

    def test_companies_are_listed_on_both_pages(self, world, now, at):
        principal = make_customer(world.am, now)
        supplier = make_customer(
            world.am, now, name="沈阳供货有限公司", customer_type="UPDOWN",
            principal_customer=principal, relation_kind="SUPPLIER",
        )  # fmt: skip
        for here, there in ((principal, supplier), (supplier, principal)):
            page = text_of(at("am").get(here.get_absolute_url()))
            listed = page[page.index('id="companies"') :]
            assert f'<a href="{there.get_absolute_url()}">{there.name}</a>' in listed

    def test_offers_a_new_company_to_account_managers_only(self, world, now, at):
        customer = make_customer(world.am, now)
        offer = f"{reverse('customers:customer-new', args=['companies'])}?principal={customer.pk}"
        assert offer in text_of(at("am").get(customer.get_absolute_url()))

        Customer.objects.filter(pk=customer.pk).update(owner=world.ard)
        page = at("ard").get(customer.get_absolute_url())
        assert page.status_code == 200
        assert offer not in text_of(page)

    def test_risk_control_regroups(self, world, now, at):
        group = create_group(name="汇银集团", actor=world.am, now=now)
        customer = make_customer(world.am, now)
        url = reverse("customers:customer-group", args=[customer.pk])
        assert at("brm").post(url, {"group": group.pk, "reason": ""}).status_code == 422
        typed_in = {"group": group.pk, "reason": "同一实际控制人"}
        assert at("brm").post(url, typed_in).status_code == 302
        assert Customer.objects.get().group == group
        assert at("am").post(url, {"group": ""}).status_code == 403


class TestChangeLog:
    def test_shows_who_when_field_old_new_and_address(self, world, now, at):
        customer = make_customer(world.am, now)
        at("am").post(
            reverse("customers:customer-edit", args=[customer.pk]),
            typed(enterprise_data(uscc=customer.uscc, legal_rep="新法人", version=1)),
            REMOTE_ADDR="10.9.8.7",
        )
        page = text_of(at("brm").get(reverse("customers:customer-changes", args=[customer.pk])))
        for shown in ("王客户", "法定代表人", "张三", "新法人", "10.9.8.7"):
            assert shown in page
        assert ChangeRecord.objects.filter(new="新法人", ip="10.9.8.7").exists()

    def test_n26_is_not_found_for_others(self, world, now, at):
        customer = make_customer(world.am, now)
        url = reverse("customers:customer-changes", args=[customer.pk])
        assert at("other_am").get(url).status_code == 404


class TestContactPages:
    def test_creates_and_views(self, world, now, at):
        customer = make_customer(world.am, now)
        url = reverse("customers:contact-new", args=[customer.pk])
        answer = at("am").post(url, contact_data(view="1"))
        assert answer.url == Contact.objects.get().get_absolute_url()

    def test_draws_the_fields_of_the_chosen_type_and_keeps_typing(self, world, now, at):
        customer = make_customer(world.am, now)
        url = reverse("customers:contact-new", args=[customer.pk])
        answer = at("am").post(
            url + "?redraw=1", {"contact_type": "SHAREHOLDER", "name": "半个名"},
            headers={"HX-Request": "true"},
        )  # fmt: skip
        page = text_of(answer)
        assert answer.status_code == 200
        assert "持股比例" in page and 'value="半个名"' in page
        assert not Contact.objects.exists()

    def test_refusals_stand_at_their_fields(self, world, now, at):
        customer = make_customer(world.am, now)
        make_contact(customer, now)
        url = reverse("customers:contact-new", args=[customer.pk])
        answer = at("am").post(url, contact_data(id_no="123", mobile="999"))
        errors = answer.context["form"].errors
        assert {"contact_type", "id_no", "mobile"} <= set(errors)
        assert "每个客户只能有一名主联系人。" in text_of(answer)

    def test_edits_with_masked_numbers(self, world, now, at):
        contact = make_contact(make_customer(world.am, now), now)
        url = reverse("customers:contact-edit", args=[contact.pk])
        client = at("am")
        form = client.get(url).context["form"]
        assert form["id_no"].value() == contact.masked_id_no
        data = {name: form[name].value() for name in form.fields if form[name].value()}
        client.post(url, data | {"wechat": "zs_wx"})
        stored = Contact.objects.get()
        assert (stored.wechat, stored.id_no) == ("zs_wx", contact.id_no)

    def test_list_finds_by_company_and_initials(self, world, now, at):
        make_contact(make_customer(world.am, now), now)
        for text in ("bfhy", "zs", "张"):
            assert "张三" in text_of(at("am").get(f"/contacts/?q={text}"))
        assert "张三" not in text_of(at("other_am").get("/contacts/?q=zs"))

    def test_new_from_the_list_asks_for_the_customer(self, world, now, at):
        customer = make_customer(world.am, now)
        answer = at("am").post("/contacts/new/", {"customer": customer.pk})
        assert answer.url == reverse("customers:contact-new", args=[customer.pk])
        assert at("am").post("/contacts/new/", {"customer": "x"}).status_code == 422

    def test_deletes(self, world, now, at):
        contact = make_contact(make_customer(world.am, now), now)
        assert (
            at("am").post(reverse("customers:contact-delete", args=[contact.pk])).status_code == 302
        )
        assert not Contact.objects.exists()

    def test_list_asks_at_most_ten_queries(self, world, now, at, django_assert_max_num_queries):
        for _number in range(3):
            make_contact(make_customer(world.am, now), now)
        client = at("brm")
        for url in ("/contacts/", "/opportunities/"):
            with django_assert_max_num_queries(10):
                client.get(url)


class TestInfluencePages:
    @pytest.fixture
    def pair(self, world, now):
        customer = make_customer(world.am, now)
        main = make_contact(customer, now)
        family = make_contact(
            customer, now, contact_type="FAMILY", family_relation="SPOUSE", name="李梅"
        )
        return main, family

    def test_picks_changes_and_removes(self, at, pair):
        main, family = pair
        client = at("am")
        url = reverse("customers:influence-pick", args=[main.pk, "incoming"])
        assert "李梅" in text_of(client.get(url))
        client.post(url, {"contact": [family.pk], "influence_type": "KINSHIP", "strength": 2})
        relation = InfluenceRelation.objects.get()
        assert (relation.from_contact, relation.to_contact) == (family, main)
        edit = reverse("customers:influence-edit", args=[relation.pk])
        client.post(edit, {"influence_type": "EQUITY", "strength": 3, "note": "x", "version": 1})
        relation.refresh_from_db()
        assert (relation.influence_type, relation.strength) == ("EQUITY", 3)
        assert "李梅" in text_of(client.get(main.get_absolute_url()))
        client.post(reverse("customers:influence-delete", args=[relation.pk]))
        assert not InfluenceRelation.objects.exists()

    def test_refuses_strangers_inf_03_and_nobody(self, world, now, at, pair):
        stranger = make_contact(make_customer(world.am, now), now)
        url = reverse("customers:influence-pick", args=[pair[0].pk, "outgoing"])
        for chosen in ([stranger.pk], ["x"], []):
            answer = at("am").post(
                url, {"contact": chosen, "influence_type": "KINSHIP", "strength": 2}
            )
            assert answer.status_code == 422

    def test_wrong_values_bring_the_form_back(self, at, pair, world, now):
        client = at("am")
        url = reverse("customers:influence-pick", args=[pair[0].pk, "incoming"])
        client.post(url, {"contact": [pair[1].pk], "influence_type": "KINSHIP", "strength": 2})
        relation = InfluenceRelation.objects.get()
        answer = client.post(
            reverse("customers:influence-edit", args=[relation.pk]),
            {"influence_type": "?", "strength": "9", "note": "留下的话", "version": 1},
        )
        assert answer.status_code == 422 and "留下的话" in text_of(answer)

    def test_unknown_direction_is_not_found(self, at, pair):
        assert at("am").get(f"/contacts/{pair[0].pk}/influence/sideways/").status_code == 404


class TestOpportunityPages:
    def data(self, **values) -> dict:
        return {
            "subject": "建材采购周转", "product": "LDZJ", "amount": "500,000", "term": "6",
            "expected_on": "2099-01-01", "next_follow_on": "2099-01-01",
        } | values  # fmt: skip

    def test_creates_from_the_customer(self, world, now, at):
        customer = make_customer(world.am, now)
        url = reverse("customers:opportunity-new", args=[customer.pk])
        answer = at("am").post(url, self.data(view="1"))
        assert answer.url == Opportunity.objects.get().get_absolute_url()

    @pytest.mark.parametrize(
        "values",
        [
            {"amount": "0"}, {"amount": "-1"}, {"amount": "abc"}, {"amount": "1" + "0" * 17},
            {"expected_on": "2020-01-01"}, {"next_follow_on": ""}, {"product": "NOPE"},
            {"term": "9999999999"}, {"subject": "长" * 101}, {"need": "\x00"},
        ],
    )  # fmt: skip
    def test_refusals_keep_what_was_typed(self, world, now, at, values):
        customer = make_customer(world.am, now)
        url = reverse("customers:opportunity-new", args=[customer.pk])
        answer = at("am").post(url, self.data(competition="同业报价", **values))
        assert answer.status_code == 422
        assert "同业报价" in text_of(answer)

    def test_climbs_the_ladder(self, world, now, at):
        opportunity = make_opportunity(make_customer(world.am, now), now)
        client = at("am")
        assert "升迁到需求确认" in text_of(client.get(opportunity.get_absolute_url()))
        url = reverse("customers:opportunity-promote", args=[opportunity.pk])
        client.post(url, {"stage": 2, "version": 1})
        page = text_of(client.get(opportunity.get_absolute_url()))
        assert "录入主联系人" in page
        again = client.post(url, {"stage": 2, "version": 1})
        assert again.status_code == 409 and "WF-12" in text_of(again)
        skip = client.post(url, {"stage": 4, "version": 2}, headers={"HX-Request": "true"})
        assert skip.status_code == 409 and "OPP-01" in text_of(skip)

    def test_dialogs_come_back_open_with_the_reason(self, world, now, at):
        opportunity = make_opportunity(make_customer(world.am, now), now)
        client = at("am")
        client.post(
            reverse("customers:opportunity-promote", args=[opportunity.pk]),
            {"stage": 2, "version": 1},
        )
        back = client.post(
            reverse("customers:opportunity-back", args=[opportunity.pk]),
            {"stage": 1, "version": 2, "reason": ""},
        )
        assert back.status_code == 422
        assert "回退阶段须填写原因。" in text_of(back) and "data-dialog-auto" in text_of(back)
        lose = client.post(
            reverse("customers:opportunity-lose", args=[opportunity.pk]),
            {"lost_reason": "", "note": "客户说过几天", "version": 2},
        )
        assert lose.status_code == 422 and "客户说过几天" in text_of(lose)

    def test_loses_and_then_is_closed(self, world, now, at):
        opportunity = make_opportunity(make_customer(world.am, now), now)
        client = at("am")
        client.post(
            reverse("customers:opportunity-lose", args=[opportunity.pk]),
            {"lost_reason": "PRICE", "version": 1},
        )
        page = text_of(client.get(opportunity.get_absolute_url()))
        assert "已流失" in page and "升迁到" not in page

    def test_notes_follow_ups(self, world, now, at):
        opportunity = make_opportunity(make_customer(world.am, now), now)
        url = reverse("customers:opportunity-follow-up", args=[opportunity.pk])
        client = at("am")
        client.post(url, {"content": "电话沟通", "next_follow_on": "2099-01-01"})
        assert "电话沟通" in text_of(client.get(opportunity.get_absolute_url()))
        refused = client.post(url, {"content": "又一次", "next_follow_on": "2000-01-01"})
        assert refused.status_code == 422 and "又一次" in text_of(refused)

    def test_list_filters_by_stage_and_stall(self, world, now, at):
        opportunity = make_opportunity(make_customer(world.am, now), now)
        client = at("am")
        assert opportunity.subject in text_of(client.get("/opportunities/?stage=1"))
        assert opportunity.subject not in text_of(client.get("/opportunities/?stage=2"))
        assert opportunity.subject in text_of(client.get("/opportunities/?due=stalled"))
        for query in ("stage=x", "due=never", "sort=-amount", "stage=99999999999999999999"):
            assert client.get(f"/opportunities/?{query}").status_code == 200


class TestConsentPages:
    def test_uploads_shows_and_withdraws(self, world, now, at):
        from django.core.files.uploadedfile import SimpleUploadedFile

        customer = make_customer(world.am, now)
        contact = make_contact(customer, now)
        client = at("am")
        url = reverse("customers:consent-new", args=[customer.pk])
        answer = client.post(
            url,
            {
                "contact": contact.pk, "purposes": ["LOAN_REVIEW"], "granted_on": "2026-01-01",
                "upload": SimpleUploadedFile("授权书.pdf", PDF),
            },
        )  # fmt: skip
        assert answer.status_code == 302
        consent = Consent.objects.get()
        file = reverse("customers:consent-file", args=[consent.pk])
        taken = client.get(file)
        assert b"".join(taken.streaming_content) == PDF
        assert at("other_am").get(file).status_code == 404
        client.post(reverse("customers:consent-revoke", args=[consent.pk]))
        consent.refresh_from_db()
        assert consent.revoked_at

    def test_refuses_a_liar_att_02_and_nothing(self, world, now, at):
        from django.core.files.uploadedfile import SimpleUploadedFile

        customer = make_customer(world.am, now)
        contact = make_contact(customer, now)
        url = reverse("customers:consent-new", args=[customer.pk])
        data = {"contact": contact.pk, "purposes": ["LOAN_REVIEW"], "granted_on": "2026-01-01"}
        assert at("am").post(url, data).status_code == 422
        fake = SimpleUploadedFile("授权书.pdf", b"MZ not a pdf")
        assert at("am").post(url, data | {"upload": fake}).status_code == 422
        assert not Consent.objects.exists()


class TestReveal:
    def test_n25_asks_for_the_reason_then_shows_and_logs(self, world, now, at):
        from customers.models import SensitiveAccess

        customer = make_person(world.am, now)
        url = reverse("customers:reveal", args=["customer", customer.pk, "id_no"])
        client = at("brm")
        asked = client.get(url, headers={"HX-Request": "true"})
        assert customer.id_no not in text_of(asked) and "data-dialog-auto" in text_of(asked)
        short = client.post(url, {"reason": "看"})
        assert short.status_code == 422 and customer.id_no not in text_of(short)
        shown = client.post(url, {"reason": "核对征信报告"}, headers={"HX-Request": "true"})
        assert customer.id_no in text_of(shown)
        assert "no-store" in shown["Cache-Control"]
        assert SensitiveAccess.objects.get().actor == world.brm

    def test_n25_refuses_without_right_and_hides_the_button(self, world, now, at):
        customer = make_person(world.am, now)
        url = reverse("customers:reveal", args=["customer", customer.pk, "id_no"])
        answer = at("fin").post(url, {"reason": "核对征信报告"})
        assert answer.status_code == 403 and customer.id_no not in text_of(answer)
        assert url not in text_of(at("fin").get(customer.get_absolute_url()))
        assert at("other_am").post(url, {"reason": "核对征信报告"}).status_code == 404

    def test_opens_no_other_field_or_record(self, world, now, at):
        customer = make_customer(world.am, now)
        for path in (
            f"customer/{customer.pk}/name", f"group/{customer.pk}/phone", "customer/999/phone",
        ):  # fmt: skip
            assert at("am").get(f"/customers/reveal/{path}/").status_code == 404


class TestSearch:
    def test_finds_customers_contacts_and_opportunities(self, world, now, at):
        customer = make_customer(world.am, now)
        contact, opportunity = make_contact(customer, now), make_opportunity(customer, now)
        page = text_of(at("am").get("/search/?q=bfhy"))
        for record in (customer, contact, opportunity):
            assert f'href="{record.get_absolute_url()}"' in page
        assert contact.mobile not in page

    def test_n26_stays_in_the_branch(self, world, now, at):
        make_customer(world.am, now)
        assert "没有找到" in text_of(at("other_am").get("/search/?q=bfhy"))

    def test_takes_anything(self, at):
        for text in ("", "%00", "%25", "'", "x" * 5000, "🏦"):
            assert at("am").get(f"/search/?q={text}").status_code == 200


class TestOptions:
    def test_offers_what_fits_and_keeps_the_choice(self, world, now, at):
        channel = make_channel(world.am, now)
        other = make_channel(world.am, now, name="大连协会", phone="0411-22223333")
        url = reverse("customers:options", args=["channel"])
        page = text_of(at("am").get(f"{url}?q=dbxh&field=channel&channel={other.pk}"))
        assert f'<option value="{channel.pk}">' in page
        assert f'<option value="{other.pk}" selected>' in page

    def test_n26_offers_nothing_out_of_sight(self, world, now, at):
        make_customer(world.am, now)
        for source in ("own", "visible", "principal"):
            url = reverse("customers:options", args=[source])
            assert "北方" not in text_of(at("other_am").get(f"{url}?q=bfhy"))

    def test_takes_anything(self, at):
        url = reverse("customers:options", args=["group"])
        for query in ("q=%00&field=x&x=1", "field=q&q=1", "field=a&a=" + "9" * 19):
            assert at("am").get(f"{url}?{query}").status_code == 200
        assert at("am").get(reverse("customers:options", args=["x"])).status_code == 404


class TestGroupPages:
    def test_names_a_group_and_shows_members_in_sight(self, world, now, at):
        client = at("am")
        assert client.post("/customers/groups/", {"name": "汇银集团"}).status_code == 302
        answer = client.post("/customers/groups/", {"name": "汇银集团"})
        assert answer.status_code == 422 and "已有同名的关联集团。" in text_of(answer)
        group = Customer._meta.get_field("group").related_model.objects.get()
        make_customer(world.am, now, group=group)
        make_customer(world.other_am, now, group=group, name="大连机密")
        page = text_of(client.get(reverse("customers:group-detail", args=[group.pk])))
        assert "北方汇银" in page and "大连机密" not in page
        assert "另有 1 名成员" in page

    def test_is_refused_to_administrators(self, at):
        assert at("adm").get("/customers/groups/").status_code == 403


class TestLanguages:
    def test_speaks_english_on_request(self, world, now, at):
        customer = make_customer(world.am, now)
        contact, opportunity = make_contact(customer, now), make_opportunity(customer, now)
        for url in (
            "/customers/", "/customers/enterprises/new/", customer.get_absolute_url(),
            contact.get_absolute_url(), opportunity.get_absolute_url(),
        ):  # fmt: skip
            page = at("am").get(url, headers={"Accept-Language": "en"})
            assert page.status_code == 200 and 'lang="en"' in text_of(page)

    def test_id_numbers_never_reach_the_page_source_of_forms(self, world, now, at):
        number = id_number()
        contact = make_contact(make_customer(world.am, now), now, id_no=number)
        page = at("am").get(reverse("customers:contact-edit", args=[contact.pk]))
        assert number not in text_of(page) and "data-no-draft" in text_of(page)

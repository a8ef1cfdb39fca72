"""The menu has the manual's words and order and leads nowhere that does not exist."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import path
from django.utils import translation

import pytest

from lending_crm.common import navigation
from lending_crm.common.context import Frame, page


def blank(request: Any) -> HttpResponse:
    return HttpResponse()


urlpatterns = [
    path("", blank, name="home"),
    path("customers/", blank, name="customers"),
    path("customers/new/", blank, name="customer_new"),
    path("inbox/", blank, name="inbox"),
]

MANUAL = [
    "工作台", "客户", "联系人", "业务拓展", "业务管理", "合同管理", "资金管理", "贷后管理",
    "风控委员会", "客户完结", "不良客户交接", "报表分析", "资源中心", "我的审批", "系统设置",
]  # fmt: skip


class SignedIn:
    is_authenticated = True


@pytest.fixture(autouse=True)
def menu(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[None]:
    settings.ROOT_URLCONF = __name__
    monkeypatch.setattr(navigation, "_items", [])
    yield


def groups(address: str = "/") -> list[navigation.Group]:
    request = RequestFactory().get(address)
    request.user = SignedIn()  # type: ignore[assignment]
    return navigation.menu_for(request)


def current(found: list[navigation.Group]) -> list[str]:
    return [str(entry.label) for group in found for entry in group.entries if entry.is_current]


class TestRegisterItem:
    def test_refuses_a_section_that_the_manual_does_not_know(self) -> None:
        with pytest.raises(ValueError, match="unknown menu section"):
            navigation.register_item("marketing", "Campaigns", "home")


class TestMenuFor:
    def test_has_the_sections_of_the_manual_in_its_order(self) -> None:
        for section in reversed(navigation.SECTIONS):
            navigation.register_item(section.key, "x", "home")

        with translation.override("zh-hans"):
            assert [str(group.section.label) for group in groups()] == MANUAL

    def test_shows_no_section_without_a_page(self) -> None:
        navigation.register_item("customers", "Companies", "customers")

        assert [group.section.key for group in groups()] == ["customers"]

    def test_leaves_out_what_leads_nowhere(self) -> None:
        navigation.register_item("customers", "Companies", "no_such_page")

        assert groups() == []

    def test_leaves_out_what_the_user_may_not_see(self) -> None:
        navigation.register_item("customers", "Companies", "customers", lambda user: False)

        assert groups() == []

    def test_orders_the_items_of_a_section(self) -> None:
        navigation.register_item("customers", "Later", "customers", order=20)
        navigation.register_item("customers", "First", "customers", order=10)

        assert [entry.label for entry in groups()[0].entries] == ["First", "Later"]

    def test_marks_the_entry_whose_address_fits_best(self) -> None:
        navigation.register_item("home", "Workbench", "home")
        navigation.register_item("customers", "All", "customers")
        navigation.register_item("customers", "Channels", "customers", query="type=CHANNEL")

        assert current(groups("/customers/?type=CHANNEL&q=1")) == ["Channels"]
        assert current(groups("/customers/new/")) == ["All"]
        assert current(groups("/")) == ["Workbench"]
        assert current(groups("/elsewhere/")) == []

    def test_makes_a_single_section_a_link(self) -> None:
        navigation.register_item("contacts", "Contacts", "customers")
        navigation.register_item("customers", "Companies", "customers")

        links = {group.section.key: group.link is not None for group in groups()}

        assert links == {"customers": False, "contacts": True}


class TestFrame:
    def test_shows_no_menu_to_strangers(self) -> None:
        navigation.register_item("home", "Workbench", "home")
        request = RequestFactory().get("/")
        request.user = AnonymousUser()

        assert Frame(request).menu == []
        assert page(request)["error_layout"] == "errors/plain.html"

    def test_believes_no_cookie_that_names_an_unknown_theme(self) -> None:
        request = RequestFactory().get("/")
        request.COOKIES.update({"theme": 'dark" onload="x', "sidebar": "collapsed"})

        frame = Frame(request)

        assert frame.theme == ""
        assert frame.is_sidebar_collapsed

    def test_takes_the_chosen_theme_from_the_cookie(self) -> None:
        request = RequestFactory().get("/")
        request.COOKIES["theme"] = "dark"

        assert Frame(request).theme == "dark"

    def test_names_no_address_that_does_not_exist(self) -> None:
        frame = Frame(RequestFactory().get("/"))

        assert (frame.search_url, frame.badge_url, frame.logout_url) == ("", "", "")

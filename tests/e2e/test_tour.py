"""Every page once: no script error, no policy violation, labelled, not wider than the screen."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit
from tests.e2e.steps import settle
from tests.e2e.world import World
from workflows.models import Case, FlowVersion
from workflows.services.definitions import start_draft

#: Names and terms that are the same in Chinese; anything else in Latin letters is untranslated.
LATIN_TERMS = frozenset(
    {
        "IP", "PDF", "JPG", "PNG", "Word", "Excel", "ZIP", "BPMN", "LPR", "IRR", "API", "CRM",
        "Ctrl", "Del", "Enter", "Esc", "XML", "Swagger", "Tab",
    }
)  # fmt: skip


@pytest.fixture
def case(world: World) -> Case:
    """Under approval at head office, returned once, so that every panel has something."""
    case = world.submitted(is_secured=False)
    world.approve(case, world.tl)
    world.return_case(case, world.brm, "请说明采购合同的交货日期")
    case = world.submitted(world.application_of(case))
    return world.approve(case, world.brm, world.bgm)


def pages_of(role: str, world: World, case: Case) -> list[str]:
    """The pages that no menu leads to."""
    application = world.application_of(case)
    customer, opportunity = application.customer_id, application.opportunity_id
    contact = application.borrower_id
    draft = world.draft()
    published = FlowVersion.objects.get(definition__document_kind="business_application")
    route_draft = start_draft(
        definition_id=published.definition_id, actor=world.adm, now=timezone.now()
    )
    return {
        "am": [
            f"/customers/{customer}/",
            f"/customers/{customer}/edit/",
            f"/customers/{customer}/changes/",
            f"/customers/{customer}/contacts/new/",
            f"/customers/{customer}/consents/new/",
            f"/customers/{customer}/opportunities/new/",
            "/customers/enterprises/new/",
            "/customers/persons/new/",
            f"/contacts/{contact}/",
            f"/contacts/{contact}/edit/",
            f"/opportunities/{opportunity}/",
            f"/opportunities/{world.opportunity.pk}/applications/new/",
            f"/applications/{draft.pk}/",
            f"/applications/{draft.pk}/edit/",
            f"/applications/{application.pk}/",
            f"/cases/{case.pk}/",
            f"/documents/supplements/new/?document={application.pk}",
            "/search/?q=sy",
            "/accounts/password/change/",
            "/notifications/",
            "/profile/",
            "/profile/messages/",
        ],
        "hrm": [f"/cases/{case.pk}/", f"/inbox/?tab=claim&case={case.pk}"],
        "adm": [
            f"/flows/versions/{published.pk}/",
            f"/flows/versions/{route_draft.pk}/designer/",
            f"/flows/versions/{route_draft.pk}/edit/",
            f"/flows/compare/?after={route_draft.pk}",
            "/organisation/people/new/",
            f"/organisation/people/{world.am.pk}/",
            f"/organisation/people/{world.am.pk}/edit/",
            "/organisation/branches/new/",
            f"/organisation/branches/{world.branch.pk}/edit/",
            "/settings/products/new/",
            f"/settings/products/{world.product.pk}/",
        ],
    }[role]


def menu_of(page: Page) -> list[str]:
    links = page.locator("#sidebar a[href]")
    return list(dict.fromkeys(links.evaluate_all("all => all.map(a => a.getAttribute('href'))")))


def complaints(page: Page, path: str) -> Iterator[str]:
    answer = page.goto(path)
    settle(page)
    if answer is None or answer.status != 200:
        yield f"{path}: {answer and answer.status}"
        return
    for said in page.evaluate("[...pageChecks.accessibility(), ...pageChecks.contrast()]"):
        yield f"{path}: {said}"
    for words in page.evaluate("pageChecks.latinWords()"):
        if not set(words.split()) <= LATIN_TERMS:
            yield f"{path}: not in Chinese: {words}"
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        if said := page.evaluate("pageChecks.overflow()"):
            yield f"{path}: {said}"
    page.set_viewport_size({"width": 1440, "height": 900})


class TestEveryPage:
    @pytest.mark.parametrize("role", ["am", "hrm", "adm"])
    def test_is_sound(self, visit: Visit, world: World, case: Case, role: str) -> None:
        paths = pages_of(role, world, case)
        page = visit(getattr(world, role), "/inbox/")
        # Leaving a form that was only looked at asks nothing, leaving a typed one would.
        page.on("dialog", lambda asked: asked.accept())
        found = [
            said
            for path in dict.fromkeys([*menu_of(page), *paths])
            for said in complaints(page, path)
        ]

        assert not found, "\n".join(found)


class TestDarkPages:
    def test_keep_their_contrast(self, visit: Visit, world: World, case: Case) -> None:
        page = visit(world.am, color_scheme="dark")
        application = world.application_of(case)
        found = []
        for path in (
            "/",
            f"/customers/{application.customer_id}/",
            f"/applications/{application.pk}/",
            f"/cases/{case.pk}/",
            f"/opportunities/{world.opportunity.pk}/applications/new/",
        ):
            page.goto(path)
            settle(page)
            found += [f"{path}: {said}" for said in page.evaluate("pageChecks.contrast()")]

        assert not found, "\n".join(found)

    def test_would_be_seen_to_be_faint(self, visit: Visit, world: World) -> None:
        page = visit(world.am, "/inbox/", color_scheme="dark")
        page.evaluate("document.querySelector('h1').style.color = '#333'")

        assert page.evaluate("pageChecks.contrast()") != []


class TestFocus:
    def test_is_seen_on_whatever_the_tab_key_reaches(self, visit: Visit, world: World) -> None:
        world.submitted()
        page = visit(world.tl, "/inbox/")
        found = []
        for _step in range(25):
            page.keyboard.press("Tab")
            if said := page.evaluate("pageChecks.focusIsVisible()"):
                found.append(said)

        assert found == []

    def test_stays_inside_a_dialog_and_returns(self, visit: Visit, world: World) -> None:
        case = world.submitted()
        page = visit(world.tl, f"/cases/{case.pk}/")
        settle(page)
        opener = page.locator("[data-dialog-open='act-return']")
        opener.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#act-return")).to_be_visible()
        for _step in range(12):
            page.keyboard.press("Tab")
            inside = page.evaluate(
                "document.activeElement === document.body"
                " || document.activeElement.closest('dialog') !== null"
            )
            assert inside
        page.keyboard.press("Escape")

        expect(page.locator("#act-return")).to_be_hidden()
        expect(opener).to_be_focused()

"""403 comes before 400 and 422: who may not act hears that, whatever he sent."""

from __future__ import annotations

import pytest

from tests.customers.factories import make_contact, make_opportunity
from tests.workflows.pages import browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def addresses(customer, now):
    contact = make_contact(customer, now)
    opportunity = make_opportunity(customer, now)
    return [
        f"/opportunities/{opportunity.pk}/promote/",
        f"/opportunities/{opportunity.pk}/back/",
        f"/opportunities/{opportunity.pk}/lose/",
        f"/opportunities/{opportunity.pk}/follow-ups/",
        f"/api/v1/opportunities/{opportunity.pk}/promote/",
        f"/api/v1/opportunities/{opportunity.pk}/step-back/",
        f"/api/v1/opportunities/{opportunity.pk}/lose/",
        f"/api/v1/opportunities/{opportunity.pk}/follow-ups/",
        f"/api/v1/contacts/{contact.pk}/relations/",
    ]


def test_only_the_account_manager_is_told_what_is_wrong_cus_11(world, addresses):
    for address in addresses:
        response = browser(world.tl).post(address, {"stage": "x"})
        assert response.status_code == 403, address
        assert "CUS-11" in response.content.decode(), address


def test_only_the_department_head_gives_a_customer_away_cus_13(world, customer):
    response = browser(world.brm).post(f"/api/v1/customers/{customer.pk}/owner/", {"owner": "x"})
    assert (response.status_code, response.json()["code"]) == (403, "CUS-13")


def test_a_number_is_not_asked_for_in_vain_cus_16(world, customer, now):
    contact = make_contact(customer, now)
    for body in ({}, {"field": "mobile"}, {"field": 1}):
        path = f"/api/v1/contacts/{contact.pk}/reveal/"
        response = browser(world.fin).post(path, body, content_type="application/json")
        assert (response.status_code, response.json()["code"]) == (403, "CUS-16")
    assert (
        browser(world.fin).get(f"/customers/reveal/contact/{contact.pk}/mobile/").status_code == 403
    )

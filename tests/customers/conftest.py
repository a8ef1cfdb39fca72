from __future__ import annotations

import pytest

from customers import hooks
from customers.models import Customer
from tests.customers.factories import World, build_world, make_customer


@pytest.fixture
def world(db) -> World:
    return build_world()


@pytest.fixture
def customer(world, now) -> Customer:
    return make_customer(world.am, now)


@pytest.fixture
def open_document(monkeypatch):
    """Every customer has a document under approval."""
    monkeypatch.setattr(hooks, "_open_document_checks", [lambda customer_id: True])


@pytest.fixture(autouse=True)
def products(monkeypatch):
    """Products as the app above would register them."""
    monkeypatch.setattr(
        hooks, "_product_sources", [lambda: [("LDZJ", "流动资金贷款"), ("XYD", "信用贷")]]
    )


@pytest.fixture(autouse=True)
def no_documents(monkeypatch):
    """What applications registers is not the business of these tests."""
    monkeypatch.setattr(hooks, "_open_document_checks", [])
    monkeypatch.setattr(hooks, "_document_checks", [])

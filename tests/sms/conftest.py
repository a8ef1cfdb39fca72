from __future__ import annotations

import pytest

from tests.customers.factories import World, build_world, make_contact, make_customer


@pytest.fixture
def world(db) -> World:
    return build_world()


@pytest.fixture
def customer(world, now):
    return make_customer(world.am, now)


@pytest.fixture
def contact(customer, now):
    """The main contact, mobile 13900139000."""
    return make_contact(customer, now)

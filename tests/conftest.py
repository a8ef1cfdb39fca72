"""Fixtures that every test may use; an app's own stand in its folder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from django.utils import translation

import pytest
from hypothesis import HealthCheck, settings

from tests.clean_slate import SHIPPED, clean_up_fast

# Neither a busy machine nor an unlucky draw is a fault of the code that is tested.
settings.register_profile(
    "busy",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
settings.load_profile("busy")
clean_up_fast()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Workers that have run out of tests take over the last ones of another, never these."""
    items.sort(key=lambda item: item.get_closest_marker("costly_setup") is None)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """The database may go at the end: nobody is connected to it any more."""
    yield
    SHIPPED.close()


@pytest.fixture
def now() -> datetime:
    """Monday 2 March 2026, 10:00 in Shanghai: a working day in working hours."""
    return datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    """Each test begins in Chinese, whatever language a page before it was read in."""
    with translation.override("zh-hans"):
        yield

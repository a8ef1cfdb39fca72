"""English sentences unless a test asks for Chinese."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import translation

import pytest


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def chinese() -> Iterator[None]:
    """The product's catalogue, compiled by the set-up of the tests."""
    with translation.override("zh-hans"):
        yield

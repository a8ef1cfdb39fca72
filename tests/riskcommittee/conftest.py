from __future__ import annotations

from pathlib import Path

import pytest

from tests.riskcommittee.committee import Committee


@pytest.fixture(autouse=True)
def _files(settings: object, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]


@pytest.fixture
def committee(db: None) -> Committee:
    return Committee()

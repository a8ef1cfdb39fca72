"""A document kind of the tests' own, so that documents are tested without any business app."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from documents import categories
from documents.kinds import RoutedDocumentKind
from documents.models import Document
from staff.services.roles import ensure_roles
from tests.documents.factories import KIND, DocumentFactory, EmployeeFactory, move_to
from workflows import kinds


class TestDocumentKind(RoutedDocumentKind):
    __test__ = False
    code = KIND
    title = "业务申请单"
    model = Document
    prefix = "YW"
    required_fields = ("subject", "remark")

    def required_categories(self, document: Document) -> tuple[str, ...]:
        return (categories.IDENTITY.code, categories.PURPOSE.code)

    def collect_facts(self, document, *, now):
        return {}

    def conclude(self, document, outcome, *, case, decisions, conditions, now):
        return None


@pytest.fixture(autouse=True)
def kind() -> Iterator[TestDocumentKind]:
    """Registered for the test alone."""
    kind = TestDocumentKind()
    kinds.register(kind)
    categories.register_categories(
        KIND, (categories.IDENTITY, categories.PURPOSE, categories.OTHER)
    )
    yield kind
    kinds._kinds.pop(KIND)
    categories._offered.pop(KIND)


@pytest.fixture(autouse=True)
def media(settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def roles(db):
    ensure_roles()


@pytest.fixture
def document(db) -> Document:
    return DocumentFactory()


@pytest.fixture
def running(db) -> Document:
    return move_to(DocumentFactory(), "IN_APPROVAL")


@pytest.fixture
def stranger(db):
    return EmployeeFactory()

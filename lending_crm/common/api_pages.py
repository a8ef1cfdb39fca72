"""How every list of the REST API is paged: by the keys of its rows, never by counting them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.views import APIView

from lending_crm.common.arms import first_rows


class CursorPages(CursorPagination):
    """A page is found as the lists of the pages find theirs; subclasses name the order."""

    page_size = 50

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any] | None:
        """A cursor that was not ours is not found; Django's own class lets it fail."""
        try:
            rows: Any = _FirstRows(queryset)
            return super().paginate_queryset(rows, request, view)
        except (ValidationError, ValueError) as error:
            raise NotFound(self.invalid_cursor_message) from error


class _FirstRows:
    """What the paginator asks of a queryset, with a page cut from the first rows of each arm."""

    def __init__(self, rows: QuerySet[Any]) -> None:
        self._rows = rows

    def order_by(self, *names: str) -> _FirstRows:
        return _FirstRows(self._rows.order_by(*names))

    def filter(self, **conditions: Any) -> _FirstRows:
        return _FirstRows(self._rows.filter(**conditions))

    def __getitem__(self, page: slice) -> Sequence[Any]:
        return list(first_rows(self._rows, page.stop))[page.start :]

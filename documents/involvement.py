"""What came to a person beside his own and his areas' documents.

Cases that he was asked about or had a copy of, what was handed over to him, and what a role shows
him for its matter. No column of the document tells, so their keys are found first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import models
from django.db.models import Model, Q

from documents.ownership import owned_by
from lending_crm.common.keys import Keys
from staff.choices import RoleCode
from staff.selectors import roles_of
from workflows.kinds import all_kinds
from workflows.querysets import areas_of, asked_about, one_of

if TYPE_CHECKING:
    from staff.models import Employee

#: so many keys are sent with a statement; where there are more it finds them itself
_MOST_SENT = 30_000


def scopes_of(user: Employee) -> list[tuple[str, int]]:
    """His own, those of his areas, and for 资产保全部 what is about a 不良 customer: column and
    key."""
    scopes = [("handler", user.pk), *areas_of(user)]
    return [*scopes, ("about_bad_customer", True)] if roles_of(user).has(RoleCode.ARD) else scopes


def named_to(user: Employee, of: type[Model]) -> list[models.QuerySet]:
    """Keys of what neither handler, area nor case lead him to: what he owns, and its matter."""
    matters = [kind.seen_by_matter(user) for kind in all_kinds()]
    of_kind = [keys for keys in matters if keys is not None and issubclass(keys.model, of)]
    return [keys for keys in [owned_by(user), *of_kind] if keys is not None]


class Involvement:
    """The documents of one model (``of``), or of all, that came to ``user`` and that his scopes do
    not tell; see ``arms.Named``."""

    def __init__(self, user: Employee, of: type[Model]) -> None:
        self.user = user
        self._of = of
        every = apps.get_model("documents", "Document")
        kinds = [] if of is every else all_kinds()
        self._codes = [kind.code for kind in kinds if getattr(kind, "model", None) is of]

    @property
    def keys(self) -> models.QuerySet:
        return self._rows("pk")

    @cached_property
    def few(self) -> list[int] | None:
        everything = _shared.get()
        if everything is None or everything.user != self.user or not self._codes:
            found = list(self.keys.values_list("pk", flat=True)[: _MOST_SENT + 1])
            return found if len(found) <= _MOST_SENT else None
        by_kind = everything._by_kind
        return None if by_kind is None else [key for code in self._codes for key in by_kind[code]]

    @cached_property
    def _by_kind(self) -> dict[str, list[int]] | None:
        rows = list(self._rows("pk", "kind").values_list("pk", "kind")[: _MOST_SENT + 1])
        if len(rows) > _MOST_SENT:
            return None
        found: dict[str, list[int]] = defaultdict(list)
        for key, code in rows:
            found[code].append(key)
        return found

    def _rows(self, *columns: str) -> models.QuerySet:
        documents = apps.get_model("documents", "Document")._base_manager.order_by()
        areas = areas_of(self.user)
        cases: models.QuerySet = asked_about(self.user)
        if areas:
            # He is asked about nearly all of his area: these go before a document is looked at.
            cases = cases.difference(documents.filter(one_of(areas)).values("case"))
        others = documents.filter(~one_of(scopes_of(self.user)))
        if self._codes:
            others = others.filter(kind__in=self._codes)
        named = [Q(pk__among=Keys(keys)) for keys in named_to(self.user, self._of)]
        ways = [others.filter(each).values(*columns) for each in (Q(case__in=cases), *named)]
        return ways[0].union(*ways[1:])


_shared: ContextVar[Involvement | None] = ContextVar("involvement", default=None)


@contextmanager
def involved_at_once(user: Employee) -> Iterator[None]:
    """Inside, what came to ``user`` is found by one statement for the lists of all kinds."""
    token = _shared.set(Involvement(user, apps.get_model("documents", "Document")))
    try:
        yield
    finally:
        _shared.reset(token)

"""Who sees which documents; every page, search, export and API call starts here (N26)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.db import models
from django.db.models import Model, Q

from documents.choices import VoidState
from documents.ownership import owned_by
from lending_crm.common.arms import Arms
from lending_crm.common.keys import Keys
from staff.choices import RoleCode
from staff.selectors import roles_of
from workflows.kinds import all_kinds
from workflows.querysets import areas_of, asked_about, one_of

if TYPE_CHECKING:
    from staff.models import Employee


def visible_documents(user: Employee, prefix: str = "", *, only: type[Model] | None = None) -> Q:
    """The condition 'this document may be seen by the user', to filter on it or through it.

    Handlers see their own, department heads their department, branch risk and management
    their branch, head-office roles all, the owner what was handed over to him, asset recovery
    what is about a bad customer (the kind knows which); everybody also sees the documents of
    cases that he was asked about or that were copied to him. ``prefix`` is the path to the
    document, for example ``document__``; ``only`` is the model when rows of one kind are
    filtered, so that no other kind is asked. Call ``roles_of(user).sees_all`` first: no condition
    then.
    """
    documents = apps.get_model("documents", "Document")
    return Arms(documents, partial(_ways_of, user, only or documents), prefix).clause()


def _ways_of(user: Employee, of: type[Model], prefix: str) -> list[Q]:
    """All but the last have an index by date; the last is what came to him otherwise."""
    areas, scopes = areas_of(user), _scopes_of(user)
    documents = apps.get_model("documents", "Document")._default_manager.order_by()
    cases: models.QuerySet = asked_about(user)
    if areas:
        # He is asked about nearly all of his area: these go before a document is looked at.
        cases = cases.difference(documents.filter(one_of(areas)).values("case"))
    asked = documents.filter(~one_of(scopes), case__in=cases).values("pk")
    named = asked.union(*_named(user, of))
    return [
        *(Q(**{f"{prefix}{name}": key}) for name, key in scopes),
        # As an array: what came to him is found first, not asked of each row of a sorted walk.
        Q(**{f"{prefix}pk__among": Keys(named)}),
    ]


def _scopes_of(user: Employee) -> list[tuple[str, int]]:
    """His own, those of his areas, and for 资产保全部 what is about a 不良 customer."""
    scopes = [("handler", user.pk), *areas_of(user)]
    return [*scopes, ("about_bad_customer", True)] if roles_of(user).has(RoleCode.ARD) else scopes


def _named(user: Employee, of: type[Model]) -> list[models.QuerySet]:
    """Keys of what neither handler, area nor case lead him to: what he owns, and its matter."""
    matters = [kind.seen_by_matter(user) for kind in all_kinds()]
    of_kind = [keys for keys in matters if keys is not None and issubclass(keys.model, of)]
    return [keys for keys in [owned_by(user), *of_kind] if keys is not None]


class DocumentQuerySet(models.QuerySet):
    def visible_to(self, user: Employee) -> Self:
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if roles_of(user).sees_all:
            return self
        return self.filter(visible_documents(user, only=self.model))

    def seen_among(self, user: Employee, keys: Sequence[int]) -> Self:
        """``visible_to`` for a few documents whose keys are known.

        Every way is asked about these alone: of what else the user sees nothing is collected.
        """
        found = self.filter(pk__among=keys)
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if roles_of(user).sees_all:
            return found
        few = self.model._base_manager.order_by().filter(pk__among=keys)
        asked = few.filter(case__in=asked_about(user)).values("pk")
        named = asked.union(
            *(few.filter(pk__in=each).values("pk") for each in _named(user, self.model))
        )
        is_named = Q(pk__among=Keys(named))
        return found.filter(one_of(_scopes_of(user)) | is_named)


class ThroughDocumentQuerySet(models.QuerySet):
    """Rows that hang on a document through ``document`` and are seen with it."""

    def visible_to(self, user: Employee) -> Self:
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if roles_of(user).sees_all:
            return self
        return self.filter(visible_documents(user, "document__"))


class AttachmentQuerySet(ThroughDocumentQuerySet):
    def current(self) -> Self:
        """Neither replaced by a newer version nor removed."""
        return self.filter(superseded_at=None, removed_at=None)

    def submitted(self) -> Self:
        """The document's own and those of submitted supplements, not those of drafts."""
        return self.filter(Q(supplement=None) | Q(supplement__submitted_at__isnull=False))

    def readable_by(self, user: Employee) -> Self:
        """What a reader of the document may open.

        Drafts of supplements are their author's alone; what was removed stays evidence for
        head office and is gone for everybody else.
        """
        readable = self.visible_to(user).filter(
            Q(supplement=None)
            | Q(supplement__submitted_at__isnull=False)
            | Q(supplement__creator=user)
        )
        return readable if roles_of(user).sees_all else readable.filter(removed_at=None)


class SupplementQuerySet(ThroughDocumentQuerySet):
    def submitted(self) -> Self:
        return self.filter(submitted_at__isnull=False)

    def readable_by(self, user: Employee) -> Self:
        """Submitted ones of visible documents, and the user's own drafts."""
        return self.visible_to(user).filter(
            Q(submitted_at__isnull=False) | Q(creator=user, discarded_at=None)
        )


class VoidRequestQuerySet(ThroughDocumentQuerySet):
    def visible_to(self, user: Employee) -> Self:
        """With the document; administrators see every request, of the document its number."""
        if roles_of(user).has(RoleCode.ADM):
            return self
        return super().visible_to(user)

    def open(self) -> Self:
        return self.filter(state=VoidState.OPEN)

"""Who sees which documents; every page, search, export and API call starts here (N26)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.db import models
from django.db.models import Model, Q

from documents.choices import VoidState
from documents.involvement import Involvement, named_to, scopes_of
from lending_crm.common.arms import Arms
from lending_crm.common.keys import Keys
from staff.choices import RoleCode
from staff.selectors import roles_of
from workflows.querysets import asked_about, one_of

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
    came = Involvement(user, only or documents)
    return Arms(documents, partial(_ways_of, user), prefix, came).clause()


def _ways_of(user: Employee, prefix: str) -> list[Q]:
    """Each has an index by date."""
    return [Q(**{f"{prefix}{name}": key}) for name, key in scopes_of(user)]


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
            *(few.filter(pk__in=each).values("pk") for each in named_to(user, self.model))
        )
        is_named = Q(pk__among=Keys(named))
        return found.filter(one_of(scopes_of(user)) | is_named)


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

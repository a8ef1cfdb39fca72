"""Who sees which documents; every page, search, export and API call starts here (N26)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.db import models
from django.db.models import Q

from documents.choices import VoidState
from documents.ownership import owned_by
from staff.choices import RoleCode
from staff.selectors import roles_of
from workflows.kinds import all_kinds
from workflows.models import CaseCopy, WorkItem
from workflows.querysets import pool_of

if TYPE_CHECKING:
    from staff.models import Employee


def visible_documents(user: Employee, prefix: str = "") -> Q:
    """The condition 'this document may be seen by the user', to filter on it or through it.

    Handlers see their own, department heads their department, branch risk and management
    their branch, head-office roles all, the owner what was handed over to him, asset recovery
    what is about a bad customer (the kind knows which); everybody also sees the documents of
    cases that he was asked about or that were copied to him. ``prefix`` is the path to the
    document, for example ``document__``. Call ``roles_of(user).sees_all`` first: no condition then.
    """
    # An OR over these tables would be asked of every document; each arm alone has an index.
    documents = apps.get_model("documents", "Document")._default_manager.order_by()
    roles = roles_of(user)
    conditions = [
        Q(handler=user),
        Q(case__in=WorkItem.objects.filter(assignee=user).values("case")),
        Q(case__in=WorkItem.objects.filter(decided_by=user).values("case")),
        Q(
            case__in=WorkItem.objects.open()
            .filter(assignee=None)
            .filter(pool_of(user))
            .values("case")
        ),
        Q(case__in=CaseCopy.objects.filter(recipient=user).values("case")),
    ]
    branches = roles.branch_ids(RoleCode.BRM) | roles.branch_ids(RoleCode.BGM)
    if branches:
        conditions.append(Q(branch__in=branches))
    departments = roles.department_ids(RoleCode.TL)
    if departments:
        conditions.append(Q(department__in=departments))
    first, *others = (documents.filter(condition).values("pk") for condition in conditions)
    arms = [*others, owned_by(user), *(kind.seen_by_matter(user) for kind in all_kinds())]
    return Q(**{f"{prefix}pk__in": first.union(*(arm for arm in arms if arm is not None))})


class DocumentQuerySet(models.QuerySet):
    def visible_to(self, user: Employee) -> Self:
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if roles_of(user).sees_all:
            return self
        return self.filter(visible_documents(user))


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

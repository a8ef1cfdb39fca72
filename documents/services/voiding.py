"""Void an approved document: one asks, another confirms (domain.md §2.1, decision 8)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.urls import reverse
from django.utils import translation

from documents import errors
from documents.choices import VoidState, WfStatus
from documents.kinds import routed_kind
from documents.models import VoidRequest
from documents.permissions import asking_role, may_answer_void
from documents.selectors import approved_document
from documents.services.documents import lock_with_case, make_void, void_reason
from lending_crm.common.changes import record_changes
from lending_crm.common.errors import not_found
from lending_crm.common.outbox import publish_all
from staff.events import notice
from staff.selectors import holders

if TYPE_CHECKING:
    from staff.choices import RoleCode
    from staff.models import Employee

ASKED, ANSWERED, VOIDED = "document.void_asked", "document.void_declined", "document.voided"


@transaction.atomic
def request_void(
    *, doc_no: str, actor: Employee, now: datetime, reason: str, ip: str | None = None
) -> VoidRequest:
    """Ask that an approved document be voided, and tell those who may confirm it.

    Head-office risk control or an administrator asks (DOC-03, 403), by the number, since
    administrators see no document. Raises DOC-10 when no approved document has it, DOC-02
    when something follows from it, DOC-11 while a request is open, DOC-09 when nobody could
    confirm, WF-07 and DOC-04 for the reason.
    """
    role = require_voider(actor)
    document = lock_with_case(approved_document(doc_no))
    _ensure_voidable(document)
    reason = void_reason(reason)
    if document.void_requests.open().exists():
        raise errors.void_asked_already(document.doc_no)
    asked = VoidRequest(
        document_id=document.pk,
        reason=reason,
        role=role,
        requested_by=actor,
        requested_at=now,
    )
    hearers = [person.pk for person in holders(asked.answering_role) if person.pk != actor.pk]
    if not hearers:
        raise errors.nobody_confirms(asked.answering_role)
    asked.save()
    _record(document, asked, actor=actor, now=now, ip=ip)
    _tell(ASKED, hearers, document, asked, actor=actor, now=now)
    return asked


def require_voider(actor: Employee) -> RoleCode:
    """The role in which the person asks; raises DOC-03, whatever he sent."""
    role = asking_role(actor)
    if role is None:
        raise errors.may_not_void()
    return role


@transaction.atomic
def confirm_void(
    *, request_id: int, actor: Employee, now: datetime, ip: str | None = None
) -> VoidRequest:
    """Void the document as asked; its handler and who asked are told.

    Somebody else than who asked confirms, in the other role (DOC-12, 403). Raises DOC-13
    when the request was answered meanwhile, WF-05 and DOC-02 as ``request_void``.
    """
    document, asked = _locked(request_id)
    _ensure_may_answer(asked, actor)
    _ensure_open(asked)
    _ensure_voidable(document)
    _close(asked, VoidState.CONFIRMED, document, actor=actor, now=now, ip=ip)
    make_void(document=document, reason=asked.reason, actor=actor, now=now, ip=ip)
    told = [document.handler_id, asked.requested_by_id]
    _tell(VOIDED, told, document, asked, actor=actor, now=now)
    return asked


@transaction.atomic
def decline_void(
    *, request_id: int, actor: Employee, now: datetime, reason: str, ip: str | None = None
) -> VoidRequest:
    """Leave the document as it is and tell who asked why; raises as ``confirm_void``."""
    document, asked = _locked(request_id)
    _ensure_may_answer(asked, actor)
    _ensure_open(asked)
    asked.answer = void_reason(reason)
    _close(asked, VoidState.DECLINED, document, actor=actor, now=now, ip=ip)
    _tell(ANSWERED, [asked.requested_by_id], document, asked, actor=actor, now=now)
    return asked


@transaction.atomic
def withdraw_void(
    *, request_id: int, actor: Employee, now: datetime, ip: str | None = None
) -> VoidRequest:
    """Take the own request back (DOC-14, 403); raises DOC-13 when it was answered meanwhile."""
    document, asked = _locked(request_id)
    if asked.requested_by_id != actor.pk:
        raise errors.not_requester()
    _ensure_open(asked)
    _close(asked, VoidState.WITHDRAWN, document, actor=actor, now=now, ip=ip)
    return asked


def _locked(request_id: int) -> tuple[Any, VoidRequest]:
    """The document and its request, the document (and its case) first as everywhere."""
    document_id = VoidRequest.objects.filter(pk=request_id).values_list("document", flat=True)
    found = document_id.first()
    if found is None:
        raise not_found()
    document = lock_with_case(found)
    return document, VoidRequest.objects.select_for_update(of=("self",)).get(pk=request_id)


def _ensure_voidable(document: Any) -> None:
    if document.wf_status != WfStatus.APPROVED:
        raise errors.wrong_status(document.wf_status)
    if followers := routed_kind(document.kind).followers(document):
        raise errors.has_followers(followers)


def _ensure_may_answer(asked: VoidRequest, actor: Employee) -> None:
    if not may_answer_void(asked, actor):
        raise errors.may_not_answer(asked.answering_role)


def _ensure_open(asked: VoidRequest) -> None:
    if not asked.is_open:
        raise errors.void_answered(VoidState(asked.state))


def _close(
    asked: VoidRequest,
    state: VoidState,
    document: Any,
    *,
    actor: Employee,
    now: datetime,
    ip: str | None,
) -> None:
    before = _said(asked)
    asked.state, asked.closed_by, asked.closed_at = state, actor, now
    asked.save(update_fields=["state", "closed_by", "closed_at", "answer"])
    _record(document, asked, before=before, actor=actor, now=now, ip=ip)


def _said(asked: VoidRequest) -> str:
    """State and words of the request, as the change log keeps them (in Chinese)."""
    with translation.override("zh-hans"):
        return f"{VoidState(asked.state).label}:{asked.answer or asked.reason}"


def _record(
    document: Any,
    asked: VoidRequest,
    *,
    actor: Employee,
    now: datetime,
    ip: str | None,
    before: str = "",
) -> None:
    name = "request to void"
    record_changes(
        instance=document,
        before={name: before},
        after={name: _said(asked)},
        actor=actor,
        now=now,
        ip=ip,
    )


def _tell(
    event: str,
    recipients: Iterable[int],
    document: Any,
    asked: VoidRequest,
    *,
    actor: Employee,
    now: datetime,
) -> None:
    message = notice(
        event,
        recipients,
        url=reverse("documents:void_request", args=[asked.pk]),
        by=actor,
        doc_no=document.doc_no,
        opinion=asked.answer or asked.reason,
    )
    publish_all(message, now=now)

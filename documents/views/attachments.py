"""Attachments of any document: the panel, the acts on it, and handing files out."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from django_htmx.http import trigger_client_event

from documents import errors
from documents.files.names import title_from
from documents.kinds import routed_kind
from documents.responses import client_ip, file_response
from documents.selectors import (
    attachment_panel,
    downloads_of,
    readable_attachment,
    versions_of,
    visible_document,
)
from documents.services.attachments import (
    TITLE_LENGTH,
    add_attachment,
    ensure_attachable,
    remove_attachment,
    replace_attachment,
)
from documents.services.downloads import hand_out


def asked_title(request: HttpRequest, file_name: str) -> str:
    """The typed title; a field left empty takes the name of the file."""
    typed = request.POST.get("title", "")
    return typed if typed.strip() else title_from(file_name, length=TITLE_LENGTH)


@login_required
@require_http_methods(["GET", "POST"])
def attachments(request: HttpRequest, document_id: int) -> HttpResponse:
    """The panel of a document; POST adds a file and answers with the panel."""
    document = visible_document(document_id, request.user)
    if request.method == "GET":
        return _panel(request, document)
    ensure_attachable(document, request.user)
    upload = request.FILES.get("file")
    if upload is None:
        raise errors.no_upload()
    add_attachment(
        document_id=document.pk,
        actor=request.user,
        now=timezone.now(),
        title=asked_title(request, upload.name or ""),
        category=request.POST.get("category", ""),
        upload=upload,
        ip=client_ip(request),
    )
    return _after(request, document, _("The attachment was added."))


@login_required
@require_POST
def replace(request: HttpRequest, document_id: int, attachment_id: int) -> HttpResponse:
    document = visible_document(document_id, request.user)
    attachment = readable_attachment(document_id, attachment_id, request.user)
    ensure_attachable(document, request.user)
    upload = request.FILES.get("file")
    if upload is None:
        raise errors.no_upload()
    replace_attachment(
        attachment_id=attachment.pk,
        actor=request.user,
        now=timezone.now(),
        upload=upload,
        title=request.POST.get("title", ""),
        ip=client_ip(request),
    )
    return _after(request, document, _("The new version is in place; the old one is kept."))


@login_required
@require_POST
def remove(request: HttpRequest, document_id: int, attachment_id: int) -> HttpResponse:
    document = visible_document(document_id, request.user)
    attachment = readable_attachment(document_id, attachment_id, request.user)
    remove_attachment(
        attachment_id=attachment.pk,
        actor=request.user,
        now=timezone.now(),
        ip=client_ip(request),
    )
    return _after(request, document, _("The attachment was removed."))


@login_required
@require_GET
def download(request: HttpRequest, document_id: int, attachment_id: int) -> FileResponse:
    """The file itself; with ``?preview=1`` pictures and PDF are shown instead of saved."""
    attachment = readable_attachment(document_id, attachment_id, request.user)
    handed = hand_out(
        file=attachment.file,
        file_name=attachment.file_name,
        attachment=attachment,
        actor=request.user,
        now=timezone.now(),
        ip=client_ip(request),
        is_preview=request.GET.get("preview") == "1",
    )
    return file_response(handed)


@login_required
@require_GET
def preview(request: HttpRequest, document_id: int, attachment_id: int) -> HttpResponse:
    """A dialog that shows the file, with its versions and who took it out."""
    document = visible_document(document_id, request.user)
    attachment = readable_attachment(document_id, attachment_id, request.user)
    panel = attachment_panel(document, request.user)
    return render(
        request,
        "documents/attachment_dialog.html",
        {
            "document": document,
            "attachment": attachment,
            "versions": versions_of(attachment),
            "downloads": downloads_of(attachment),
            "may_replace": panel.may_edit and attachment.is_current and not attachment.supplement,
            "limits": panel.limits,
        },
    )


def _panel(request: HttpRequest, document: Any) -> HttpResponse:
    context = {"attachment_panel": attachment_panel(document, request.user)}
    return render(request, "documents/panels/attachments.html", context)


def _after(request: HttpRequest, document: Any, message: str) -> HttpResponse:
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(f"{routed_kind(document.kind).url(document.pk) or '/'}#attachments")
    response = _panel(request, document)
    trigger_client_event(response, "dialog-close", after="settle")
    return trigger_client_event(response, "toast", {"message": message, "level": "success"})

"""补充附件: the list, a new one, and its page with the files."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from documents import errors
from documents.categories import categories_of
from documents.files.inspection import LIMITS
from documents.kinds import routed_kind
from documents.selectors import (
    readable_supplement,
    supplement_panel,
    supplementable_documents,
    supplements_for,
    visible_document,
)
from documents.services import supplements as acts
from documents.supplement_forms import NewSupplementForm, SupplementForm, show_refusal
from documents.views.attachments import asked_title
from lending_crm.common.errors import DomainError
from lending_crm.common.pagination import paginate
from lending_crm.common.text import clean_line

_LONGEST_SEARCH = 100


@login_required
@require_GET
def supplement_list(request: HttpRequest) -> HttpResponse:
    words = clean_line(request.GET.get("q", ""))[:_LONGEST_SEARCH]
    state = request.GET.get("state", "")
    found = supplements_for(request.user, words=words, state=state)
    page = paginate(found, cursor=request.GET.get("cursor"))
    context = {
        "page": page,
        "words": words,
        "state": state,
        "may_create": supplementable_documents(request.user).exists(),
    }
    return render(request, "documents/supplement_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def supplement_new(request: HttpRequest) -> HttpResponse:
    """Choose the document, say what it is about; the files follow on its page."""
    now = timezone.now()
    status = 200
    if request.method == "POST":
        form = NewSupplementForm(request.POST, user=request.user)
        if form.is_valid():
            values = form.cleaned_data
            try:
                draft = acts.create_supplement(
                    document_id=values["document"].pk,
                    actor=request.user,
                    now=now,
                    subject=values["subject"],
                    note=values["note"],
                )
            except DomainError as refusal:
                status = show_refusal(form, refusal)
            else:
                return redirect("documents:supplement", draft.pk)
        else:
            status = 422
    else:
        form = NewSupplementForm(user=request.user, initial=_initial(request, now))
    context = {"form": form, "has_choice": form.fields["document"].queryset.exists()}  # type: ignore[attr-defined]
    return render(request, "documents/supplement_new.html", context, status=status)


def _initial(request: HttpRequest, now: Any) -> dict[str, Any]:
    """The document that the page was opened from, with a subject to start from.

    Raises SUP-01 and SUP-04 at once rather than after the form was filled in.
    """
    asked = request.GET.get("document", "")
    if not asked.isdecimal() or len(asked) > 18:
        return {}
    document = visible_document(int(asked), request.user)
    acts.ensure_open(routed_kind(document.kind), document, request.user)
    return {"document": document.pk, "subject": acts.default_subject(document, now=now)}


@login_required
@require_http_methods(["GET", "POST"])
def supplement_detail(request: HttpRequest, supplement_id: int) -> HttpResponse:
    """A draft with its files and its 提交 button, or the submitted supplement."""
    supplement = readable_supplement(supplement_id, request.user)
    status = 200
    if request.method == "POST":
        form = SupplementForm(request.POST)
        if form.is_valid():
            try:
                acts.update_supplement(
                    supplement_id=supplement.pk, actor=request.user, **form.cleaned_data
                )
            except DomainError as refusal:
                status = show_refusal(form, refusal)
            else:
                messages.success(request, _("Saved."))
                return redirect("documents:supplement", supplement.pk)
        else:
            status = 422
    else:
        acts.mark_read(supplement=supplement, actor=request.user, now=timezone.now())
        form = SupplementForm(initial={"subject": supplement.subject, "note": supplement.note})
    context = _detail_context(request, supplement) | {"form": form}
    return render(request, "documents/supplement_detail.html", context, status=status)


@login_required
@require_POST
def add_file(request: HttpRequest, supplement_id: int) -> HttpResponse:
    supplement = readable_supplement(supplement_id, request.user)
    upload = request.FILES.get("file")
    if upload is None:
        raise errors.no_upload()
    acts.add_supplement_file(
        supplement_id=supplement.pk,
        actor=request.user,
        now=timezone.now(),
        title=asked_title(request, upload.name or ""),
        category=request.POST.get("category", ""),
        upload=upload,
    )
    return _files(request, supplement_id)


@login_required
@require_POST
def remove_file(request: HttpRequest, supplement_id: int, attachment_id: int) -> HttpResponse:
    supplement = readable_supplement(supplement_id, request.user)
    if not any(file.pk == attachment_id for file in supplement.files):  # type: ignore[attr-defined]
        raise errors.not_current()
    acts.remove_supplement_file(attachment_id=attachment_id, actor=request.user, now=timezone.now())
    return _files(request, supplement_id)


@login_required
@require_POST
def submit(request: HttpRequest, supplement_id: int) -> HttpResponse:
    supplement = readable_supplement(supplement_id, request.user)
    acts.submit_supplement(supplement_id=supplement.pk, actor=request.user, now=timezone.now())
    messages.success(request, _("Submitted; the approvers of the case were told."))
    return redirect("documents:supplement", supplement.pk)


@login_required
@require_POST
def discard(request: HttpRequest, supplement_id: int) -> HttpResponse:
    supplement = readable_supplement(supplement_id, request.user)
    acts.discard_supplement(supplement_id=supplement.pk, actor=request.user, now=timezone.now())
    messages.success(request, _("The draft was discarded."))
    return redirect("documents:supplements")


@login_required
@require_GET
def panel(request: HttpRequest, document_id: int) -> HttpResponse:
    """The supplements of one document, for its page and its case page."""
    document = visible_document(document_id, request.user)
    context = {"supplement_panel": supplement_panel(document, request.user)}
    return render(request, "documents/panels/supplements.html", context)


def _files(request: HttpRequest, supplement_id: int) -> HttpResponse:
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("documents:supplement", supplement_id)
    supplement = readable_supplement(supplement_id, request.user)
    context = _detail_context(request, supplement)
    return render(request, "documents/panels/supplement_files.html", context)


def _detail_context(request: HttpRequest, supplement: Any) -> dict[str, Any]:
    return {
        "supplement": supplement,
        "document_url": routed_kind(supplement.document.kind).url(supplement.document_id),
        "may_edit": supplement.is_draft and supplement.creator_id == request.user.pk,
        "categories": categories_of(supplement.document.kind),
        "limits": LIMITS,
    }

"""作废申请: ask for the voiding of an approved document, answer, follow."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from documents.forms import VoidRequestForm, show_refusal
from documents.kinds import routed_kind
from documents.models import Document
from documents.permissions import may_answer_void, may_ask_to_void
from documents.selectors import readable_void_request, void_requests
from documents.services import voiding
from lending_crm.common.errors import DomainError
from lending_crm.common.pagination import paginate
from staff.views.request import actor_of, ip_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def requests(request: HttpRequest) -> HttpResponse:
    """All requests; a POST asks for another one."""
    status = 200
    user = actor_of(request)
    form = VoidRequestForm(request.POST or None)
    if request.method == "POST":
        voiding.require_voider(user)
        if not form.is_valid():
            status = 422
        else:
            try:
                asked = voiding.request_void(
                    doc_no=form.cleaned_data["doc_no"],
                    reason=form.cleaned_data["reason"],
                    actor=user,
                    now=timezone.now(),
                    ip=ip_of(request),
                )
            except DomainError as refusal:
                status = show_refusal(form, refusal)
            else:
                messages.success(request, _("It waits for the confirmation of the other role."))
                return redirect("documents:void_request", asked.pk)
    page = paginate(
        void_requests(user), order=("-requested_at", "-id"), cursor=request.GET.get("cursor")
    )
    context = {"page": page, "form": form, "may_ask": may_ask_to_void(user)}
    return render(request, "documents/void_requests.html", context, status=status)


@login_required
@require_safe
def detail(request: HttpRequest, request_id: int) -> HttpResponse:
    user = actor_of(request)
    asked = readable_void_request(request_id, user)
    # Administrators answer by the number: the document itself is none of their business.
    sees_document = Document.objects.visible_to(user).filter(pk=asked.document_id).exists()
    context = {
        "asked": asked,
        "kind": routed_kind(asked.document.kind).title,
        "document_url": routed_kind(asked.document.kind).url(asked.document_id)
        if sees_document
        else "",
        "may_answer": asked.is_open and may_answer_void(asked, user),
        "may_withdraw": asked.is_open and asked.requested_by_id == user.pk,
    }
    return render(request, "documents/void_request.html", context)


@login_required
@require_POST
def confirm(request: HttpRequest, request_id: int) -> HttpResponse:
    asked = readable_void_request(request_id, actor_of(request))
    voiding.confirm_void(
        request_id=asked.pk, actor=actor_of(request), now=timezone.now(), ip=ip_of(request)
    )
    messages.success(request, _("%(doc_no)s is void.") % {"doc_no": asked.document.doc_no})
    return redirect("documents:void_request", asked.pk)


@login_required
@require_POST
def decline(request: HttpRequest, request_id: int) -> HttpResponse:
    asked = readable_void_request(request_id, actor_of(request))
    voiding.decline_void(
        request_id=asked.pk,
        actor=actor_of(request),
        now=timezone.now(),
        reason=request.POST.get("reason", ""),
        ip=ip_of(request),
    )
    return redirect("documents:void_request", asked.pk)


@login_required
@require_POST
def withdraw(request: HttpRequest, request_id: int) -> HttpResponse:
    asked = readable_void_request(request_id, actor_of(request))
    voiding.withdraw_void(
        request_id=asked.pk, actor=actor_of(request), now=timezone.now(), ip=ip_of(request)
    )
    return redirect("documents:void_request", asked.pk)

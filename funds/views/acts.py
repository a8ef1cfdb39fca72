"""What the pages of acts on documents of a desk share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from documents.desk.reading import page_context, page_document
from documents.rules import refuse_unless
from funds.desks.payment import PaymentDesk
from funds.permissions import may_book
from staff.forms.refusals import performed
from staff.views.request import actor_of, ip_of

UNPROCESSABLE = 422
Act = Callable[..., Any]


def perform(
    request: HttpRequest,
    pk: int,
    desk: PaymentDesk,
    act: Act,
    form: forms.Form,
    *,
    key: str,
    name: str,
    done: str,
) -> HttpResponse:
    """Perform the act of finance, or show the page again with what was typed in its dialog.

    ``key`` is how the service calls the document's id, ``name`` how the desk calls the form.
    """
    user = actor_of(request)
    document = get_object_or_404(desk.kind.visible_to(user), pk=pk)
    refuse_unless(may_book(user))
    if form.is_valid() and performed(
        form,
        act,
        **{key: document.pk},
        actor=user,
        now=timezone.now(),
        ip=ip_of(request),
        **form.cleaned_data,
    ):
        messages.success(request, done % {"doc_no": document.doc_no})
        return redirect(document)
    context: dict[str, Any] = {
        "desk": desk,
        **page_context(desk, page_document(desk, pk, user), user),
        "opens_submission": False,
        "key": uuid4().hex,
        "extras": [desk.outcome(document, user, **{name: form})],
    }
    return render(request, "documents/desk/detail.html", context, status=UNPROCESSABLE)

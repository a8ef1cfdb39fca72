"""常用语: a person's own phrases for opinions, and the common ones of the administrators."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from lending_crm.common.errors import DomainError
from staff.forms.refusals import show_refusals
from workflows.forms import PhraseForm, WordsForm
from workflows.screens.phrases import common_phrases, own_phrases, phrase_changes
from workflows.services import phrases
from workflows.views.administration import administrators_only


@login_required
@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Keep what was just typed as an opinion, beside the opinion itself."""
    form = PhraseForm(request.POST)
    if not form.is_valid():
        raise DomainError("INB-04", _("Write the phrase first."), status=422, field="text")
    phrases.add_phrase(actor=request.user, **form.cleaned_data)
    return HttpResponse(status=204, headers={"HX-Trigger": "dialog-close"})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    form = PhraseForm(request.POST or None)
    if form.is_valid():
        try:
            phrases.add_phrase(actor=request.user, **form.cleaned_data)
        except DomainError as error:
            show_refusals(form, error)
        else:
            messages.success(request, _("The phrase is kept."))
            return redirect("workflows:own_phrases")
    context = {"form": form, "groups": own_phrases(request.user)}
    return render(request, "workflows/own_phrases.html", context, status=_status(form))


@login_required
@require_POST
def remove_own(request: HttpRequest, phrase_id: int) -> HttpResponse:
    phrases.remove_phrase(actor=request.user, phrase_id=phrase_id)
    messages.success(request, _("The phrase is removed."))
    return redirect("workflows:own_phrases")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def common(request: HttpRequest) -> HttpResponse:
    administrators_only(request)
    form = PhraseForm(request.POST or None)
    if form.is_valid():
        try:
            phrases.add_common_phrase(actor=request.user, now=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            show_refusals(form, error)
        else:
            messages.success(request, _("The phrase is offered to everybody."))
            return redirect("workflows:common_phrases")
    return _common_page(request, form)


@login_required
@require_POST
def change_common(request: HttpRequest, phrase_id: int) -> HttpResponse:
    """Word a phrase anew; what was refused stays in its field."""
    administrators_only(request)
    form = WordsForm(request.POST)
    if form.is_valid():
        try:
            phrases.change_common_phrase(
                actor=request.user, now=timezone.now(), phrase_id=phrase_id, **form.cleaned_data
            )
        except DomainError as error:
            show_refusals(form, error)
        else:
            messages.success(request, _("The phrase is changed."))
            return redirect("workflows:common_phrases")
    return _common_page(request, PhraseForm(), changing=form, changed_id=phrase_id)


@login_required
@require_POST
def move_common(request: HttpRequest, phrase_id: int) -> HttpResponse:
    administrators_only(request)
    phrases.move_common_phrase(
        actor=request.user,
        now=timezone.now(),
        phrase_id=phrase_id,
        up=request.POST.get("direction") != "down",
    )
    return redirect("workflows:common_phrases")


@login_required
@require_POST
def remove_common(request: HttpRequest, phrase_id: int) -> HttpResponse:
    administrators_only(request)
    phrases.remove_common_phrase(actor=request.user, now=timezone.now(), phrase_id=phrase_id)
    messages.success(request, _("The phrase is offered no more."))
    return redirect("workflows:common_phrases")


def _common_page(request: HttpRequest, form: PhraseForm, **changing: Any) -> HttpResponse:
    context = {
        "form": form,
        "groups": common_phrases(),
        "changes": phrase_changes(),
        **changing,
    }
    status = _status(changing.get("changing", form))
    return render(request, "workflows/common_phrases.html", context, status=status)


def _status(form: WordsForm) -> int:
    return 422 if form.errors else 200

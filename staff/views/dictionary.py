"""字典: the value lists that the administrator keeps."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lending_crm.common.dictionary import value_list, value_lists
from lending_crm.common.errors import DomainError, not_found
from staff.forms.dictionary import ValueListForm
from staff.rules import require_keeper
from staff.selectors.dictionary import word_changes
from staff.services.dictionary import keep_value_list
from staff.views.request import actor_of, ip_of


@login_required
@require_GET
def dictionary(request: HttpRequest) -> HttpResponse:
    require_keeper(actor_of(request))
    return render(request, "staff/dictionary.html", {"lists": value_lists()})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def value_list_page(request: HttpRequest, code: str) -> HttpResponse:
    """The words of one list; what was refused stays in its fields."""
    require_keeper(actor_of(request))
    of = value_list(code)
    if of is None:
        raise not_found()
    form = ValueListForm(of, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            keep_value_list(
                of=of,
                words=form.words,
                actor=actor_of(request),
                now=timezone.now(),
                ip=ip_of(request),
            )
        except DomainError as error:
            for reason in error.reasons:
                form.show(reason.field, reason.message)
        else:
            messages.success(request, _("Saved."))
            return redirect("staff:dictionary_list", code=code)
    context = {"of": of, "form": form, "changes": word_changes(of)}
    status = 422 if request.method == "POST" else 200
    return render(request, "staff/dictionary_list.html", context, status=status)

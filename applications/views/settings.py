"""系统设置: products, the authority table, the lender's figures and the LPR."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from applications import selectors
from applications.assessment import KIND_CODE, current_setting, local_day, lpr_on
from applications.forms.settings import AuthorityForm, LenderSettingForm, LprForm, ProductForm
from applications.models import Product
from applications.permissions import may_change_settings, may_configure, may_quote_lpr
from applications.services.settings import (
    add_lpr_quote,
    save_product,
    update_authority_table,
    update_lender_setting,
)
from documents.rules import refuse_unless
from lending_crm.common.errors import DomainError
from staff.forms.refusals import performed, show_refusals
from staff.views.request import actor_of, ip_of

UNPROCESSABLE = 422


@login_required
@require_GET
def products(request: HttpRequest) -> HttpResponse:
    user = actor_of(request)
    refuse_unless(may_configure(user))
    context = {"products": selectors.products(), "may_change": may_change_settings(user)}
    return render(request, "applications/product_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def product(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    user = actor_of(request)
    refuse_unless(may_configure(user))
    stored = None if pk is None else get_object_or_404(Product, pk=pk)
    form = ProductForm(request.POST or None, product=stored)
    if form.is_bound and form.is_valid():
        try:
            saved = save_product(
                values=form.values,
                product_id=pk,
                seen_version=form.cleaned_data["version"],
                actor=user,
                now=timezone.now(),
                ip=ip_of(request),
            )
        except DomainError as error:
            show_refusals(form, error)
        else:
            messages.success(request, _("%(name)s is saved.") % {"name": saved.name})
            return redirect("applications:products")
    context = {
        "form": form,
        "product": stored,
        "may_change": may_change_settings(user),
        "changes": selectors.product_changes(stored) if stored else [],
    }
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "applications/product_form.html", context, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def authority(request: HttpRequest) -> HttpResponse:
    user = actor_of(request)
    refuse_unless(may_configure(user))
    bands = selectors.authority_bands(KIND_CODE)
    form = AuthorityForm(request.POST or None, bands=bands)
    if (
        form.is_bound
        and form.is_valid()
        and performed(
            form,
            update_authority_table,
            limits=form.limits,
            seen=form.seen,
            actor=user,
            now=timezone.now(),
            ip=ip_of(request),
        )
    ):
        messages.success(request, _("The authority table is saved."))
        return redirect("applications:authority")
    context = {
        "form": form,
        "rows": [
            (
                band,
                form[f"level_{band.level}"] if band != bands[-1] else None,
                selectors.deciding_step(band.level),
            )
            for band in bands
        ],
        "may_change": may_change_settings(user),
        "changes": selectors.setting_changes("applications.authorityband"),
    }
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "applications/authority.html", context, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def lender(request: HttpRequest) -> HttpResponse:
    user = actor_of(request)
    refuse_unless(may_configure(user) or may_quote_lpr(user))
    form = LenderSettingForm(request.POST or None, setting=current_setting())
    if (
        form.is_bound
        and form.is_valid()
        and performed(
            form,
            update_lender_setting,
            values=form.values,
            seen_version=form.cleaned_data["version"],
            actor=user,
            now=timezone.now(),
            ip=ip_of(request),
        )
    ):
        messages.success(request, _("The settings are saved."))
        return redirect("applications:settings")
    return _lender_page(request, form, LprForm())


@login_required
@require_POST
def quote(request: HttpRequest) -> HttpResponse:
    """The LPR of a day; finance enters it on the 20th of each month."""
    user = actor_of(request)
    refuse_unless(may_quote_lpr(user))
    form = LprForm(request.POST)
    if form.is_valid() and performed(
        form,
        add_lpr_quote,
        quoted_on=form.cleaned_data["quoted_on"],
        rate=form.cleaned_data["rate"],
        actor=user,
        now=timezone.now(),
        ip=ip_of(request),
    ):
        messages.success(request, _("The LPR quote is saved."))
        return redirect("applications:settings")
    return _lender_page(request, LenderSettingForm(setting=current_setting()), form)


def _lender_page(request: HttpRequest, form: LenderSettingForm, lpr_form: LprForm) -> HttpResponse:
    user = actor_of(request)
    context = {
        "form": form,
        "lpr_form": lpr_form,
        "lpr": lpr_on(local_day(timezone.now())),
        "quotes": selectors.lpr_quotes(),
        "may_change": may_change_settings(user),
        "may_quote": may_quote_lpr(user),
        "changes": selectors.setting_changes("applications.lendersetting", "applications.lprquote"),
    }
    status = UNPROCESSABLE if form.is_bound or lpr_form.is_bound else 200
    return render(request, "applications/lender_settings.html", context, status=status)

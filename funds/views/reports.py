"""试算表, 欠款 and 分类与准备; the ledger's settings."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from applications.assessment import local_day
from applications.selectors import setting_changes
from documents.rules import refuse_unless
from funds.forms.ledger import BucketForm, DayForm, LedgerSettingForm
from funds.permissions import may_change_settings, may_see_reports, may_see_settings
from funds.selectors import reports
from funds.selectors.settings import buckets, current_setting
from funds.services.settings import update_class_buckets, update_ledger_setting
from funds.views.loans import UNPROCESSABLE
from lending_crm.common.pagination import paginate
from staff.forms.refusals import performed
from staff.models import Employee
from staff.selectors import roles_of
from staff.views.request import actor_of, ip_of


def _asked(request: HttpRequest) -> tuple[Employee, DayForm, dict[str, Any]]:
    user = actor_of(request)
    refuse_unless(may_see_reports(user))
    form = DayForm(request.GET)
    if not roles_of(user).sees_all:
        del form.fields["branch"]
    return user, form, {"form": form, "is_filtered": any(request.GET.values())}


@login_required
@require_GET
def trial_balance(request: HttpRequest) -> HttpResponse:
    user, form, context = _asked(request)
    day = form.day_or(local_day(timezone.now()))
    context |= {
        "day": day,
        "balance": reports.trial_balance(user, day=day, branch_id=form.branch_id),
    }
    return render(request, "funds/trial_balance.html", context)


@login_required
@require_GET
def arrears(request: HttpRequest) -> HttpResponse:
    user, form, context = _asked(request)
    context["page"] = paginate(
        reports.overdue_loans(user, branch_id=form.branch_id),
        order=("-overdue_days", "-pk"),
        cursor=request.GET.get("cursor"),
    )
    return render(request, "funds/arrears.html", context)


@login_required
@require_GET
def provisions(request: HttpRequest) -> HttpResponse:
    user, form, context = _asked(request)
    context["found"] = reports.provisions(user, branch_id=form.branch_id)
    return render(request, "funds/provisions.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    user = actor_of(request)
    refuse_unless(may_see_settings(user))
    form = LedgerSettingForm(request.POST or None, setting=current_setting())
    if (
        form.is_bound
        and form.is_valid()
        and performed(
            form,
            update_ledger_setting,
            values=form.values,
            seen_version=form.cleaned_data["version"],
            actor=user,
            now=timezone.now(),
            ip=ip_of(request),
        )
    ):
        messages.success(request, _("The settings are saved."))
        return redirect("funds:settings")
    return _settings_page(request, form, BucketForm(buckets=buckets()))


@login_required
@require_POST
def tiers(request: HttpRequest) -> HttpResponse:
    """The five classification tiers at once."""
    user = actor_of(request)
    refuse_unless(may_change_settings(user))
    form = BucketForm(request.POST, buckets=buckets())
    if form.is_valid() and performed(
        form,
        update_class_buckets,
        tiers=form.tiers,
        actor=user,
        now=timezone.now(),
        ip=ip_of(request),
    ):
        messages.success(request, _("The classification tiers are saved."))
        return redirect("funds:settings")
    return _settings_page(request, LedgerSettingForm(setting=current_setting()), form)


def _settings_page(
    request: HttpRequest, form: LedgerSettingForm, bucket_form: BucketForm
) -> HttpResponse:
    context = {
        "form": form,
        "bucket_form": bucket_form,
        "may_change": may_change_settings(actor_of(request)),
        "changes": setting_changes("funds.ledgersetting", "funds.classbucket"),
    }
    refused = form.is_bound or bucket_form.is_bound
    return render(request, "funds/settings.html", context, status=UNPROCESSABLE if refused else 200)

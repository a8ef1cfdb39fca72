"""系统设置 → 短信 → 模板: the texts, who wrote them and who approved them."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from customers.views.request import done, status_of
from lending_crm.common.errors import DomainError
from sms import selectors
from sms.choices import Kind, VersionState
from sms.forms import RejectForm, TemplateForm, TextForm
from sms.models import SmsTemplate, TemplateVersion
from sms.rules.permissions import may_approve_templates, may_write_templates
from sms.rules.variables import VARIABLES, sample_of
from sms.services import templates as services
from sms.views.settings import ensure_reader, refuse_unless
from staff.forms.refusals import show_refusals
from staff.views.request import actor_of, ip_of


@login_required
@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    ensure_reader(request)
    context = {
        "templates": selectors.template_list(),
        "tab": "templates",
        "may_write": may_write_templates(actor_of(request)),
    }
    return render(request, "sms/template_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    refuse_unless(may_write_templates(actor_of(request)))
    form = TemplateForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            template = services.create_template(
                values=form.values,
                text=form.cleaned_data["text"],
                actor=actor_of(request),
                now=timezone.now(),
                ip=ip_of(request),
            )
        except DomainError as refusal:
            show_refusals(form, refusal)
        else:
            return done(request, template.get_absolute_url(), _("The text waits for approval."))
    context = {"form": form, "variables": _variables()}
    return render(request, "sms/template_new.html", context, status=status_of(form))


@login_required
@require_http_methods(["GET", "POST"])
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    ensure_reader(request)
    refuse_unless(request.method == "GET" or may_write_templates(actor_of(request)))
    template = get_object_or_404(SmsTemplate, pk=pk)
    form = TemplateForm(request.POST or None, template=template)
    if form.is_bound and form.is_valid():
        try:
            services.update_template(
                template_id=pk,
                values=form.values,
                seen_version=form.cleaned_data["version"],
                actor=actor_of(request),
                now=timezone.now(),
                ip=ip_of(request),
            )
        except DomainError as refusal:
            show_refusals(form, refusal)
        else:
            return done(request, template.get_absolute_url(), _("Saved."))
    return _page(request, template, form=form)


@login_required
@require_POST
def new_text(request: HttpRequest, pk: int) -> HttpResponse:
    refuse_unless(may_write_templates(actor_of(request)))
    template = get_object_or_404(SmsTemplate, pk=pk)
    form = TextForm(request.POST)
    if form.is_valid():
        try:
            services.write_version(
                template_id=pk,
                text=form.cleaned_data["text"],
                actor=actor_of(request),
                now=timezone.now(),
            )
        except DomainError as refusal:
            show_refusals(form, refusal)
        else:
            return done(request, template.get_absolute_url(), _("The text waits for approval."))
    return _page(request, template, text_form=form)


@login_required
@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    refuse_unless(may_approve_templates(actor_of(request)))
    version = get_object_or_404(TemplateVersion.objects.select_related("template"), pk=pk)
    services.approve_version(version_id=pk, actor=actor_of(request), now=timezone.now())
    url = version.template.get_absolute_url()
    return done(request, url, _("The text is approved and in use."))


@login_required
@require_POST
def reject(request: HttpRequest, pk: int) -> HttpResponse:
    refuse_unless(may_approve_templates(actor_of(request)))
    version = get_object_or_404(TemplateVersion.objects.select_related("template"), pk=pk)
    form = RejectForm(request.POST)
    if form.is_valid():
        try:
            services.reject_version(
                version_id=pk,
                note=form.cleaned_data["note"],
                actor=actor_of(request),
                now=timezone.now(),
            )
        except DomainError as refusal:
            show_refusals(form, refusal)
        else:
            return done(request, version.template.get_absolute_url(), _("The text is rejected."))
    return _page(request, version.template, reject_form=form)


def _page(
    request: HttpRequest,
    template: SmsTemplate,
    *,
    form: TemplateForm | None = None,
    text_form: TextForm | None = None,
    reject_form: RejectForm | None = None,
) -> HttpResponse:
    user = actor_of(request)
    versions = list(template.versions.select_related("author", "decided_by"))
    waiting = next((each for each in versions if each.state == VersionState.DRAFT), None)
    shown = [(each, sample_of(template.kind, each.text)) for each in versions]
    context = {
        "template": template,
        "form": form or TemplateForm(template=template),
        "text_form": text_form or TextForm(initial={"text": versions[0].text if versions else ""}),
        "reject_form": reject_form or RejectForm(),
        "versions": shown,
        "waiting": waiting,
        "variables": [(template.get_kind_display(), VARIABLES[template.kind])],
        "may_write": may_write_templates(user),
        "may_decide": may_approve_templates(user) and waiting and waiting.author_id != user.pk,
        "changes": selectors.changes_of("sms.smstemplate", template.pk),
    }
    refused = [each for each in (form, text_form, reject_form) if each is not None]
    code = max((status_of(each) for each in refused), default=200)
    return render(request, "sms/template_detail.html", context, status=code)


def _variables() -> list[tuple[object, object]]:
    return [(Kind(code).label, found) for code, found in VARIABLES.items()]

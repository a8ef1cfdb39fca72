"""资源中心 → 个人信息导出申请: list, form and page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from documents.choices import WfStatus
from documents.desk import Column, Desk, Figure
from documents.desk.declaration import Action, Extra
from lending_crm.common.formats import format_moment
from lending_crm.common.models import ExportRun
from privacy.forms import ExportRequestForm
from privacy.kinds import KIND_CODE
from privacy.models import ExportRequest
from privacy.rules.exports import export_refusal, may_ask, may_see_requests
from privacy.selectors.exports import is_used, runs_of

if TYPE_CHECKING:
    from documents.desk.forms import HeaderForm
    from staff.models import Employee

DIALOG = "export-dialog"


class ExportRequestDesk(Desk):
    """Requests to export personal information in full, each for one list, purpose and time."""

    kind_code = KIND_CODE
    namespace = "privacy"
    name = "export_request"
    path = "export-requests"
    icon = "lock"
    section = "resources"
    section_label = _("Resource centre")
    plural = _("Requests to export personal information")
    order = 60
    columns = (
        Column("list_code"),
        Column("numbers"),
        Column("purpose"),
        Column("row_count", below="list_code"),
        Column("expires_at"),
    )
    links = ()
    search = ()

    @property
    def form_class(self) -> type[HeaderForm]:
        return ExportRequestForm

    def may_see_list(self, user: Employee) -> bool:
        return may_see_requests(user)

    def may_create(self, user: Employee) -> bool:
        return may_ask(user)

    def figures(self, document: ExportRequest) -> list[Figure]:
        ends = document.expires_at
        is_over = ends is not None and ends <= timezone.now()
        return [
            Figure(
                _("Number of rows"),
                str(document.row_count),
                _("when it was saved or submitted last"),
            ),
            Figure(_("Exports allowed"), document.get_usage_display()),
            Figure(
                _("Open until"),
                format_moment(ends) if ends else "—",
                _("expired") if is_over else "",
                tone="bad" if is_over else "",
            ),
        ]

    def actions(self, document: ExportRequest, user: Employee) -> list[Action]:
        if document.wf_status != WfStatus.APPROVED or document.handler_id != user.pk:
            return []
        now = timezone.now()
        reason = export_refusal(document, user, is_used=is_used(_runs(document)), now=now)
        if reason is not None:
            return [Action(_("Export in full"), icon="download", reason=reason.message)]
        return [Action(_("Export in full"), icon="download", dialog=DIALOG, is_primary=True)]

    def extras(self, document: ExportRequest, user: Employee) -> list[Extra]:
        if document.wf_status != WfStatus.APPROVED:
            return []
        context: dict[str, Any] = {
            "dialog": DIALOG,
            "url": reverse("privacy:export", args=[document.pk]),
            "is_applicant": document.handler_id == user.pk,
            "runs": _runs(document),
        }
        return [Extra("privacy/_export.html", context)]


def _runs(document: ExportRequest) -> list[ExportRun]:
    """Asked once a page: actions and extras show the same exports."""
    if "shown_runs" not in document.__dict__:
        document.__dict__["shown_runs"] = list(runs_of(document))
    found: list[ExportRun] = document.__dict__["shown_runs"]
    return found


EXPORT_DESK = ExportRequestDesk()

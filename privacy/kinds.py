"""个人信息导出申请 as the approval engine sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Literal

from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from documents import categories
from documents.kinds import RoutedDocumentKind, Section, Start
from documents.printing.forms import LANGUAGE
from documents.rules import refuse_unless
from lending_crm.common.errors import DomainError
from lending_crm.common.exports.declarations import ListExport
from lending_crm.common.exports.runs import count_rows
from privacy.choices import ApplicantLevel, ExportPurpose, SensitiveList
from privacy.models import ExportRequest
from privacy.rules.exports import (
    day_refusal,
    draft_refusals,
    level_of,
    may_ask,
    open_list,
    submission_refusals,
)
from privacy.selectors.exports import is_used, runs_of
from privacy.selectors.settings import privacy_setting
from workflows.kinds import Fact, FactValue, StageDecision

if TYPE_CHECKING:
    from staff.models import Employee
    from workflows.models import Case

KIND_CODE = "export_request"
FORM = "export-request"
PROOF = categories.AttachmentCategory("EXPORT_DEMAND", _("Letter that asks for the data"))
CATEGORIES = (PROOF, categories.OTHER)


class ExportRequestKind(RoutedDocumentKind):
    code = KIND_CODE
    title = _("Request to export personal information")
    model = ExportRequest
    prefix = "DC"
    url_name = "privacy:export_request_detail"
    reckons_at_submission = True
    handler_title = pgettext_lazy("approval form", "Applicant")
    editable_fields = (
        "subject",
        "list_code",
        "query",
        "numbers",
        "purpose",
        "reason",
        "usage",
        "wanted_until",
        "remark",
    )
    required_fields = ("numbers", "purpose", "reason", "wanted_until")
    sections = (
        Section(
            "rows",
            _("What leaves the system"),
            ("subject", "list_code", "query", "filter_words", "row_count", "numbers"),
        ),
        Section(
            "purpose",
            _("Purpose and period"),
            ("purpose", "reason", "usage", "wanted_until", "expires_at", "remark"),
        ),
    )
    material_fields = frozenset({"list_code", "query", "numbers", "usage", "wanted_until"})
    facts = (
        Fact("list_code", "choice", _("list"), choices=lambda: SensitiveList.choices),
        Fact(
            "purpose", "choice", _("purpose of the export"), choices=lambda: ExportPurpose.choices
        ),
        Fact("row_count", "integer", _("rows")),
        Fact("level", "choice", _("who asks"), choices=lambda: ApplicantLevel.choices),
    )
    print_forms = {FORM: _("Request to export personal information")}

    # the draft

    def begin(self, origin: None, *, actor: Employee, now: datetime) -> Start:
        """Refuses DOC-05; a request is begun from nothing, or by the link of a list's export."""
        refuse_unless(may_ask(actor))
        last_day = timezone.localdate(now) + timedelta(days=privacy_setting().export_days)
        return Start(party=str(actor.branch), fields={"wanted_until": last_day})

    def check_draft(
        self, document: ExportRequest, values: Mapping[str, Any], rows: Mapping[str, list[Any]]
    ) -> list[DomainError]:
        code = values.get("list_code", document.list_code)
        numbers = values.get("numbers", document.numbers)
        query = values.get("query", document.query)
        return list(draft_refusals(code, numbers, query, document.handler))

    def compute(self, document: ExportRequest, *, now: datetime) -> None:
        """What the filter says in words and how many rows it lets through for the applicant."""
        export = open_list(document.list_code, document.handler)
        if export is None:
            return
        document.filter_words = _in_words(export, document)
        document.row_count = count_rows(export, document.handler, document.query, now=now)

    # what the engine copies

    def party(self, document: ExportRequest) -> str:
        return document.get_list_code_display()

    # submission

    def check_rules(
        self, document: ExportRequest, *, actor: Employee, now: datetime
    ) -> list[DomainError]:
        return list(submission_refusals(document, now=now))

    def collect_facts(self, document: ExportRequest, *, now: datetime) -> dict[str, FactValue]:
        return {
            "list_code": document.list_code,
            "purpose": document.purpose or None,
            "row_count": document.row_count,
            "level": level_of(document.handler),
        }

    # life after submission

    def conclude(
        self,
        document: ExportRequest,
        outcome: Literal["APPROVED", "REJECTED"],
        *,
        case: Case,
        decisions: Sequence[StageDecision],
        conditions: Sequence[str],
        now: datetime,
    ) -> None:
        """Open for the lender's number of days, at the most until the day that was asked for.

        Raises PEX-05 when that day has passed meanwhile.
        """
        if outcome == "REJECTED":
            return
        if (reason := day_refusal(document, now=now)) or document.wanted_until is None:
            raise reason or AssertionError("a submitted request has its day")
        day_after = document.wanted_until + timedelta(days=1)
        ends = timezone.make_aware(datetime.combine(day_after, time()))
        document.expires_at = min(now + timedelta(days=privacy_setting().export_days), ends)
        ExportRequest.objects.filter(pk=document.pk).update(expires_at=document.expires_at)

    def followers(self, document: ExportRequest) -> Sequence[object]:
        """What left the system cannot be called back by voiding its approval."""
        found = list(super().followers(document))
        return [*found, document.doc_no] if is_used(runs_of(document)) else found


def _in_words(export: ListExport, document: ExportRequest) -> str:
    with translation.override(LANGUAGE):
        words = export.words(document.handler, QueryDict(document.query))
        pair = gettext("%(label)s: %(value)s")
        said = gettext("; ").join(pair % {"label": label, "value": text} for label, text in words)
        limit = ExportRequest._meta.get_field("filter_words").max_length
        return said[:limit] or gettext("no filter: every row that the applicant sees")

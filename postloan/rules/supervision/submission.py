"""What supervisions and reports must keep to be submitted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from applications.choices import BizStatus
from customers.choices import CreditColour
from documents import categories
from documents.models import Attachment
from lending_crm.common.errors import DomainError
from postloan.choices.supervision import EndReason, InspectionWay, UseCheck, WarningSign
from postloan.models import PostLoanSupervision, SupervisionReport
from postloan.rules.supervision import refusals
from postloan.rules.supervision.creation import last_wanted, planned_day, transfer_refusal

_WORRYING = (CreditColour.YELLOW, CreditColour.RED)


def supervision_refusals(supervision: PostLoanSupervision) -> Iterator[DomainError]:
    """PLS-02 to PLS-06, every one that applies."""
    is_own = supervision.live_transfer_id == supervision.transfer_id
    if not is_own or not supervision.is_running:
        yield transfer_refusal(supervision.transfer) or refusals.loan_ended(
            supervision.loan.loan_no
        )
    if not _has_proof(supervision):
        yield refusals.proof_missing()
    differs = supervision.use_check in (UseCheck.NO, UseCheck.PARTLY)
    is_marked = supervision.colour in _WORRYING and supervision.measures.strip()
    if differs and not is_marked:
        yield refusals.differing_use()


def report_refusals(
    report: SupervisionReport, *, day: date, on_site_every: int
) -> Iterator[DomainError]:
    """SPR-01 to SPR-08, every one that applies."""
    supervision = report.supervision
    if not supervision.is_running and not _is_of_its_life(report):
        yield refusals.supervision_ended()
    others = dict(
        SupervisionReport.objects.filter(supervision=supervision, claimed_period__isnull=False)
        .exclude(pk=report.pk)
        .values_list("claimed_period", "way")
    )
    if report.period in others:
        yield refusals.already_reported(report.period)
    if report.period > 1 and report.period - 1 not in others:
        yield refusals.previous_missing(report.period)
    first, last = inspection_range(report, day=day)
    if not first <= report.inspected_on <= last:
        yield refusals.inspected_outside(first, last)
    before = range(report.period - on_site_every + 1, report.period)
    visited = any(others.get(period) == InspectionWay.ON_SITE for period in before)
    if before[0] >= 1 and not visited and report.way != InspectionWay.ON_SITE:
        yield refusals.visit_due(len(before))
    if report.colour in _WORRYING and not report.next_steps.strip():
        yield refusals.steps_missing()
    if WarningSign.NONE in report.signs and len(report.signs) > 1:
        yield refusals.none_and_some()


def _is_of_its_life(report: SupervisionReport) -> bool:
    """Whether a report of an ended supervision is still one of its reports (SPR-05)."""
    supervision = report.supervision
    if supervision.application.biz_status == BizStatus.COMPLETED:
        return False
    if supervision.end_reason == EndReason.SETTLED:
        return report.period <= last_wanted(supervision)
    return supervision.ended_on is not None and report.due_on <= supervision.ended_on


def inspection_range(report: SupervisionReport, *, day: date) -> tuple[date, date]:
    """From the day on which the period began until ``day``; what is reported early is of its day.

    A period begins with the due date of the report before.
    """
    return min(planned_day(report.supervision, report.period - 1), day), day


def _has_proof(supervision: PostLoanSupervision) -> bool:
    attached = Attachment.objects.current().filter(document=supervision.pk, supplement=None)
    return bool(attached.filter(category=categories.PURPOSE.code).exists())

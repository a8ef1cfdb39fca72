"""Supervisions and reports on the pages of loans, transfers, applications and customers."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext

from applications.assessment import KIND_CODE as APPLICATION
from documents.choices import WfStatus
from documents.desk.panels import document_panel
from documents.panels import PanelContent, register_panel
from funds.choices import TransferStatus
from funds.kinds.transfer import KIND_CODE as TRANSFER
from funds.models import FundTransfer
from postloan.desks.report import REPORT_DESK
from postloan.desks.supervision import SUPERVISION_DESK
from postloan.kinds.report import next_period
from postloan.kinds.supervision import KIND_CODE as SUPERVISION
from postloan.models import PostLoanSupervision, SupervisionReport
from postloan.rules.supervision.creation import (
    may_report,
    may_supervise_customer,
    report_refusal,
    transfer_refusal,
)
from staff.models import Employee


def register() -> None:
    register_panel(
        document_panel(
            REPORT_DESK,
            subject=SUPERVISION,
            find=lambda rows, supervision: rows.filter(supervision=supervision),
            begin=report_on,
            order=10,
        )
    )
    register_panel(
        document_panel(
            SUPERVISION_DESK,
            subject=TRANSFER,
            find=lambda rows, transfer: rows.filter(transfer=transfer),
            begin=supervise,
            order=10,
        )
    )
    for desk, order in ((SUPERVISION_DESK, 30), (REPORT_DESK, 35)):
        register_panel(
            document_panel(
                desk,
                subject="loan",
                find=lambda rows, loan: rows.filter(loan=loan),
                order=order,
            )
        )
    register_panel(
        document_panel(
            SUPERVISION_DESK,
            subject=APPLICATION,
            find=lambda rows, application: rows.filter(application=application),
            order=55,
        )
    )
    for desk, order in ((SUPERVISION_DESK, 55), (REPORT_DESK, 56)):
        register_panel(
            document_panel(
                desk,
                subject="customer",
                find=lambda rows, customer: rows.filter(customer=customer),
                order=order,
            )
        )


def supervise(transfer: FundTransfer, user: Employee) -> PanelContent:
    """Where the supervision of an executed transfer is begun, or why it cannot be."""
    is_there = transfer.biz_status in (TransferStatus.PENDING, TransferStatus.EXECUTED)
    if not is_there or not may_supervise_customer(transfer.customer, user):
        return PanelContent()
    if reason := transfer_refusal(transfer):
        return PanelContent(new_reason=reason.message)
    return PanelContent(new_url=SUPERVISION_DESK.new_url(transfer))


def report_on(supervision: PostLoanSupervision, user: Employee) -> PanelContent:
    """Where the next report is begun; a draft of it is finished first."""
    if not may_report(supervision, user):
        return PanelContent()
    if reason := report_refusal(supervision):
        return PanelContent(new_reason=reason.message)
    begun = SupervisionReport.objects.filter(
        supervision=supervision,
        period=next_period(supervision),
        handler=user,
        wf_status__in=(WfStatus.DRAFT, WfStatus.WITHDRAWN),
    )
    if doc_no := begun.values_list("doc_no", flat=True).first():
        return PanelContent(new_reason=gettext("Finish your draft %(no)s first.") % {"no": doc_no})
    return PanelContent(new_url=REPORT_DESK.new_url(supervision))


def live_supervisions(transfer: Any) -> list[str]:
    """What follows from a transfer; while there are any it is not voided."""
    rows = PostLoanSupervision.objects.filter(live_transfer=transfer)
    return list(rows.values_list("doc_no", flat=True))

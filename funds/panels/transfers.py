"""Fund transfers on the pages of reviews, applications and customers."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from applications.assessment import KIND_CODE as APPLICATION
from applications.assessment import local_day
from contracts.kinds import KIND_CODE as REVIEW
from contracts.models import ContractReview
from documents.choices import WfStatus
from documents.desk.panels import document_panel
from documents.panels import PanelContent, register_panel
from funds.choices import TransferStatus
from funds.desks.transfer import TRANSFER_DESK
from funds.errors import nothing_undisbursed
from funds.rules.transfers import may_create_from, unpayable
from funds.selectors.payable import in_use, payable_of
from staff.models import Employee


def register() -> None:
    register_panel(
        document_panel(
            TRANSFER_DESK,
            subject=REVIEW,
            find=lambda rows, review: rows.filter(review=review),
            begin=pay_out,
            order=10,
        )
    )
    register_panel(
        document_panel(
            TRANSFER_DESK,
            subject=APPLICATION,
            find=lambda rows, application: rows.filter(application=application),
            order=45,
        )
    )
    register_panel(
        document_panel(
            TRANSFER_DESK,
            subject="customer",
            find=lambda rows, customer: rows.filter(customer=customer),
            order=45,
        )
    )


def pay_out(review: ContractReview, user: Employee) -> PanelContent:
    """Where the branch risk manager makes the transfer of a passed review, or why not."""
    if review.wf_status != WfStatus.APPROVED or not may_create_from(review, user):
        return PanelContent()
    business = review.application
    reason = unpayable(review, day=local_day(timezone.now()))
    if reason is None and in_use(business) >= (bound := payable_of(business).amount):
        reason = nothing_undisbursed(business.doc_no, bound)
    if reason is not None:
        return PanelContent(new_reason=reason.message)
    return PanelContent(new_url=TRANSFER_DESK.new_url(review))


def live_transfers(review: Any) -> list[str]:
    """What follows from a passed review; while there are any it is not voided."""
    gone = (WfStatus.VOID, WfStatus.REJECTED)
    rows = review.fund_transfers.exclude(wf_status__in=gone)
    rows = rows.exclude(biz_status=TransferStatus.REVERSED)
    return list(rows.values_list("doc_no", flat=True))

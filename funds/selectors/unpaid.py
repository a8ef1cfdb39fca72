"""What is still to be paid to others on a business: refunds and rebates (CMP-07)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from documents.choices import WfStatus
from funds.choices import RebateStatus, ReliefStatus
from funds.models import InterestRefundWaiver, RebateApplication

if TYPE_CHECKING:
    from applications.models import BusinessApplication


def unpaid_of(application: BusinessApplication) -> list[str]:
    """Numbers of the approved refunds and rebates of the business that are not paid yet."""
    of_business = {"application": application, "wf_status": WfStatus.APPROVED}
    refunds = InterestRefundWaiver.objects.filter(**of_business, biz_status=ReliefStatus.PENDING)
    rebates = RebateApplication.objects.filter(**of_business, biz_status=RebateStatus.PENDING)
    return [
        number
        for rows in (refunds, rebates)
        for number in rows.order_by("pk").values_list("doc_no", flat=True)
    ]

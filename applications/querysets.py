"""Which applications a page, a rule or a job means."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db.models import Q

from applications.choices import BizStatus
from documents.choices import WfStatus
from documents.querysets import DocumentQuerySet

if TYPE_CHECKING:
    from customers.models import Customer

#: From the signature on the money is owed or promised, whatever the approval's own date says.
BOUND = (BizStatus.SIGNED, BizStatus.PARTLY_DISBURSED, BizStatus.DISBURSED)

#: Approved, by the application's own case or by a reconsideration.
GRANTED = Q(wf_status=WfStatus.APPROVED) | Q(reconsidered_by__isnull=False)


class BusinessApplicationQuerySet(DocumentQuerySet):
    def of_party(self, customer: Customer) -> Self:
        """The customer's own applications and those of its related group."""
        own = Q(customer=customer)
        if customer.group_id is not None:
            own |= Q(customer__group=customer.group_id)
        return self.filter(own)

    def granted(self) -> Self:
        """Approved, by their own case or by a reconsideration (``is_granted``)."""
        return self.filter(GRANTED)

    def signable(self, *, day: date) -> Self:
        """Granted, not signed yet and not expired on ``day``: what a contract may be made for."""
        return self.granted().filter(biz_status=BizStatus.APPROVED, approval_valid_until__gte=day)

    def committed(self, *, day: date) -> Self:
        """Approved and neither expired on ``day`` nor ended: money that is or may go out."""
        return self.granted().filter(
            Q(biz_status=BizStatus.APPROVED, approval_valid_until__gte=day)
            | Q(biz_status__in=BOUND)
        )

    def expiring(self, *, day: date) -> Self:
        """Approvals that ran out before ``day`` without a signed contract (BUS-13)."""
        return self.filter(biz_status=BizStatus.APPROVED, approval_valid_until__lt=day)

"""Keep what was decided about an overdue loan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from applications.assessment import local_day
from postloan.models import ExtensionRequest, OverdueMeasure

#: 不良 begins with the 91st day (domain §2.3, §5)
_HANDOVER_AFTER = 90


def record_measure(
    *, request: ExtensionRequest, conditions: Sequence[str], now: datetime
) -> OverdueMeasure:
    """处置措施 of an approved 逾期 request; called while its approval holds the locks."""
    days = request.overdue_days or 0
    return OverdueMeasure.objects.create(
        loan=request.loan,
        request=request,
        decided_on=local_day(now),
        overdue_kind=request.overdue_kind,
        overdue_days=days,
        measures=request.plan,
        conditions="\n".join(conditions),
        needs_handover=days > _HANDOVER_AFTER,
    )

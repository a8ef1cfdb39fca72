"""提交审批, before it is confirmed, with what the request was measured by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from applications.assessment import Assessment
from applications.kinds import BusinessApplicationKind
from applications.models import BusinessApplication
from documents.desk.reading import SubmissionPreview, submission_preview
from documents.kinds import routed_kind

if TYPE_CHECKING:
    from staff.models import Employee


@dataclass(frozen=True, kw_only=True)
class ApplicationPreview(SubmissionPreview):
    """Nothing is changed by it."""

    assessment: Assessment

    @property
    def authority_level(self) -> int:
        return self.assessment.level

    @property
    def exposure(self) -> Decimal:
        return self.assessment.exposure.group

    @property
    def all_in_rate(self) -> Decimal | None:
        return self.assessment.cost.rate


def preview_of(
    application: BusinessApplication, *, actor: Employee, now: datetime
) -> ApplicationPreview:
    found = submission_preview(application, actor=actor, now=now)
    # The one that the reasons were found by.
    kind = cast(BusinessApplicationKind, routed_kind(application.kind))
    assessment = kind.assessed(application, now=now)
    return ApplicationPreview(**vars(found), assessment=assessment)

"""提交审批, before it is confirmed: what stands against it, else the chain with people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils import translation
from django.utils.functional import Promise

from applications.assessment import KIND_CODE, Assessment, assess_stored
from applications.models import BusinessApplication
from applications.rules.submission import warnings
from documents.kinds import routed_kind
from lending_crm.common.errors import DomainError
from workflows.preview import PreviewStep, check_route, draft_case, preview_submission
from workflows.services.submission import published_version

if TYPE_CHECKING:
    from staff.models import Employee


@dataclass(frozen=True)
class SubmissionPreview:
    """Nothing is changed by it; ``steps`` are empty when no route fits (WF-10)."""

    assessment: Assessment
    reasons: Sequence[DomainError]
    warnings: Sequence[str | Promise]
    steps: Sequence[PreviewStep]

    @property
    def can_submit(self) -> bool:
        return not self.reasons

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
) -> SubmissionPreview:
    kind = routed_kind(KIND_CODE)
    reasons = list(kind.check_submission(application, actor=actor, now=now))
    steps: Sequence[PreviewStep] = ()
    try:
        case = draft_case(kind, application, published_version(kind.code).pk, now)
        reasons += check_route(kind, application, case)
        steps = preview_submission(
            kind, application, case, language=translation.get_language() or "zh-hans", now=now
        )
    except DomainError as error:
        reasons += error.reasons
    assessment = assess_stored(application, now=now)
    return SubmissionPreview(assessment, reasons, warnings(assessment), steps)

"""What every installation starts with: authority table, settings, the approval route."""

from __future__ import annotations

from datetime import datetime

from applications.assessment import KIND_CODE
from applications.authority import DEFAULT_LIMITS
from applications.default_flow import default_chain
from applications.models import AuthorityBand, LenderSetting
from workflows.bpmn.chain import from_chain
from workflows.services.definitions import ship_definition


def ensure_settings() -> None:
    """Store the shipped values where there are none yet; never touches what is there."""
    LenderSetting.objects.get_or_create(pk=1)
    if not AuthorityBand.objects.filter(document_kind=KIND_CODE).exists():
        AuthorityBand.objects.bulk_create(
            [
                AuthorityBand(document_kind=KIND_CODE, level=level, upper_limit=limit)
                for level, limit in enumerate(DEFAULT_LIMITS, start=1)
            ],
            ignore_conflicts=True,
        )


def ensure_default_flows(*, now: datetime) -> bool:
    """Publish the shipped route once; False when the kind has a route already."""
    chain = default_chain()
    shipped = ship_definition(
        code=KIND_CODE.replace("_", "-"),
        document_kind=KIND_CODE,
        title=chain.name,
        title_en=chain.name_en,
        definition=from_chain(chain),
        now=now,
    )
    return shipped is not None

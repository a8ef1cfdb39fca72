"""What this app offers the others, registered once when Django starts."""

from __future__ import annotations

from applications.assessment import KIND_CODE as APPLICATION
from contracts import panels
from contracts.default_flow import default_chain
from contracts.desk import REVIEW_DESK
from contracts.flows import ContractReviewFlow
from contracts.kinds import CATEGORIES, ContractReviewKind
from documents.kinds import register_followers
from documents.registration import register_document


def register_all() -> None:
    register_document(
        ContractReviewKind(),
        flow=ContractReviewFlow,
        categories=CATEGORIES,
        chain=default_chain,
        desk=REVIEW_DESK,
    )
    register_followers(APPLICATION, panels.live_reviews)
    panels.register()

"""客户等级调整 for engine, menu, pages and the rules of customers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from customers import hooks
from customers.choices import LossReason
from customers.default_flow import tier_chain
from customers.desk import TIER_DESK, register_tier_panel
from customers.flows import TierChangeFlow
from customers.kinds import CATEGORIES, TierChangeKind
from customers.selectors.tiers import has_tier_changes
from documents.parties import has_open_documents, live_cases
from documents.registration import register_document
from lending_crm.common.dictionary import register_list


def register_lists() -> None:
    register_list(LossReason, _("Reasons of loss"), "customers.opportunity.lost_reason")


def register_tiers() -> None:
    register_document(
        TierChangeKind(),
        flow=TierChangeFlow,
        categories=CATEGORIES,
        chain=tier_chain,
        desk=TIER_DESK,
    )
    register_tier_panel()
    hooks.register_document_check(has_tier_changes)
    hooks.register_open_document_check(has_open_documents)
    hooks.register_case_source(live_cases)

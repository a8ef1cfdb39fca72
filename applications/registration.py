"""What this app offers the others, registered once when Django starts."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from applications import panels
from applications.assessment import customer_limits
from applications.choices import (
    PROHIBITED_PURPOSES,
    FeeKind,
    GuaranteeItemKind,
    Purpose,
    SheetItem,
)
from applications.default_flow import (
    default_chain,
    intermediary_chain,
    reconsideration_chain,
)
from applications.desks import APPLICATIONS, INTERMEDIARY, RECONSIDERATIONS
from applications.exports import EXPORT
from applications.exposure import exposures_of
from applications.facts import active_product_choices, product_names
from applications.flows import (
    BusinessApplicationFlow,
    IntermediaryApplicationFlow,
    ReconsiderationFlow,
)
from applications.kinds import (
    CATEGORIES,
    BusinessApplicationKind,
    IntermediaryApplicationKind,
    ReconsiderationKind,
    intermediary,
    reconsideration,
)
from applications.permissions import may_configure, may_quote_lpr
from applications.selectors import has_documents
from applications.services.defaults import ensure_settings
from customers import hooks
from documents.registration import register_document
from lending_crm.common import navigation
from lending_crm.common.change_words import register_names
from lending_crm.common.dictionary import register_list
from lending_crm.common.exports import register_export
from staff.events import Event, register_event


def _register_lists() -> None:
    register_list(
        Purpose,
        _("Use of funds"),
        "applications.businessapplication.purpose",
        fixed={*PROHIBITED_PURPOSES, Purpose.REFINANCE},
    )
    register_list(
        GuaranteeItemKind,
        _("Kinds of securities and guarantors"),
        "applications.guaranteeitem.kind",
        "applications.reconsideredsecurity.kind",
    )
    register_list(FeeKind, _("Fees borne by the borrower"), "applications.feeline.kind")
    register_list(SheetItem, _("Items of the fee sheet"), "applications.sheetline.item")


def register_all() -> None:
    _register_lists()
    register_document(
        BusinessApplicationKind(),
        flow=BusinessApplicationFlow,
        categories=CATEGORIES,
        chain=default_chain,
        desk=APPLICATIONS,
    )
    register_document(
        ReconsiderationKind(),
        flow=ReconsiderationFlow,
        categories=reconsideration.CATEGORIES,
        chain=reconsideration_chain,
        desk=RECONSIDERATIONS,
    )
    register_document(
        IntermediaryApplicationKind(),
        flow=IntermediaryApplicationFlow,
        categories=intermediary.CATEGORIES,
        chain=intermediary_chain,
        desk=INTERMEDIARY,
    )
    hooks.register_document_check(has_documents)
    hooks.register_product_source(active_product_choices)
    register_names("customers.opportunity", "product", product_names)
    hooks.register_limit_source(customer_limits)
    hooks.register_exposure_source(exposures_of)
    panels.register()
    register_export(EXPORT)
    register_event(
        Event(
            "application.expired",
            _("An approval of mine has expired"),
            _("The approval of %(doc_no)s of %(party)s expired on %(date)s"),
            by_email=True,
        )
    )
    for order, label, url_name, may_open in (
        (20, _("Authority table"), "applications:authority", may_configure),
        (30, _("Products"), "applications:products", may_configure),
        (40, _("Lender settings"), "applications:settings", may_see_settings),
    ):
        navigation.register_item("settings", label, url_name, may_open, order=order)


def may_see_settings(user: Any) -> bool:
    return may_configure(user) or may_quote_lpr(user)


def ship_defaults(**_signal: Any) -> None:
    """After each migration: authority table and settings exist, changed or not."""
    ensure_settings()

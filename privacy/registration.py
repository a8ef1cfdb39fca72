"""What this app offers the others, registered once when Django starts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from documents.registration import register_document
from lending_crm.common.navigation import register_item
from privacy.default_flow import export_chain
from privacy.desk import EXPORT_DESK
from privacy.flows import ExportRequestFlow
from privacy.kinds import CATEGORIES, ExportRequestKind
from privacy.rules.retention import may_administer


def register_all() -> None:
    register_document(
        ExportRequestKind(),
        flow=ExportRequestFlow,
        categories=CATEGORIES,
        chain=export_chain,
        desk=EXPORT_DESK,
    )
    register_item(
        "settings", _("Keeping of personal information"), "privacy:due", may_administer, order=70
    )

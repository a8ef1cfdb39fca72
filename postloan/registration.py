"""What this app offers the others, registered once when Django starts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from documents.registration import register_document
from lending_crm.common.dictionary import register_list
from postloan.choices.extension import CollectionWay, OverdueKind
from postloan.desks.extension import EXTENSION_DESK
from postloan.flows.extension import ExtensionRequestFlow
from postloan.flows.extension_chain import default_chain
from postloan.kinds.extension import CATEGORIES, ExtensionRequestKind
from postloan.panels import extension as extension_panels
from postloan.registrations.closing import register_closing
from postloan.registrations.supervision import register as register_supervision


def register_all() -> None:
    register_list(
        OverdueKind,
        _("Overdue kinds"),
        "postloan.extensionrequest.overdue_kind",
    )
    register_list(
        CollectionWay,
        _("Ways of collection"),
        "postloan.collectionrow.way",
        "postloan.badcollectionrow.way",
    )
    register_document(
        ExtensionRequestKind(),
        flow=ExtensionRequestFlow,
        categories=CATEGORIES,
        chain=default_chain,
        desk=EXTENSION_DESK,
    )
    extension_panels.register()
    register_supervision()
    register_closing()

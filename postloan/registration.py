"""What this app offers the others, registered once when Django starts."""

from __future__ import annotations

from documents.registration import register_document
from postloan.closing import register_closing
from postloan.default_flow import default_chain
from postloan.desks.extension import EXTENSION_DESK
from postloan.flows import ExtensionRequestFlow
from postloan.kinds.extension import CATEGORIES, ExtensionRequestKind
from postloan.panels import extension as extension_panels
from postloan.supervision_registration import register as register_supervision


def register_all() -> None:
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

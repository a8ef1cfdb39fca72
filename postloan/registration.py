"""What this app offers the others, registered once when Django starts."""

from __future__ import annotations

from documents.registration import register_document
from postloan import panels
from postloan.default_flow import default_chain
from postloan.desk import EXTENSION_DESK
from postloan.flows import ExtensionRequestFlow
from postloan.kinds import CATEGORIES, ExtensionRequestKind


def register_all() -> None:
    register_document(
        ExtensionRequestKind(),
        flow=ExtensionRequestFlow,
        categories=CATEGORIES,
        chain=default_chain,
        desk=EXTENSION_DESK,
    )
    panels.register()

"""Issues on the page of their customer."""

from __future__ import annotations

from typing import Any

from documents.desk.panels import document_panel
from documents.panels import PanelContent, register_panel
from issues.desk import ISSUE_DESK
from issues.rules import may_report
from staff.models import Employee


def register() -> None:
    register_panel(
        document_panel(
            ISSUE_DESK,
            subject="customer",
            find=lambda rows, customer: rows.filter(customer=customer),
            begin=_begin,
            order=100,
        )
    )


def _begin(customer: Any, user: Employee) -> PanelContent:
    if not may_report(user):
        return PanelContent()
    return PanelContent(new_url=ISSUE_DESK.url("new_from", 0) + f"?customer={customer.pk}")

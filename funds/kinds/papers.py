"""What the papers of paid documents share."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from documents.printing.forms import BLANK, form_context
from lending_crm.common.formats import format_day


def payment_context(document: Any, form: str, *, hidden: Collection[str]) -> dict[str, Any]:
    """The form with its payment, and with the whole account number (domain §7) unless the
    reader's step hides it."""
    context = form_context(document, form, hidden=hidden)
    masked = document.get_payee_account_display()
    cells = (cell for part in context["sections"] for row in part["cells"] for cell in row["cells"])
    for cell in cells:
        if cell["text"] == masked and cell["text"] != BLANK:
            cell["text"] = document.payee_account
    day = getattr(document, "paid_on", None) or getattr(document, "executed_on", None)
    return context | {
        "paid_on": format_day(day) if day else "",
        "bank_ref": document.bank_ref,
        "executor": document.executor.name if document.executor else "",
    }

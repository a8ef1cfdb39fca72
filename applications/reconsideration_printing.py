"""What the 复议审批表 says (domain.md §7): the original decision beside the new request."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.utils import translation
from django.utils.translation import pgettext

from applications.models import Reconsideration
from applications.printing import approved_terms, securities
from applications.rules.approved import requested_terms
from documents.printing.forms import BLANK, LANGUAGE, form_context, printed_content
from lending_crm.common.money import capital_amount, format_amount, format_rate


def reconsideration_context(
    document: Reconsideration, form: str, *, hidden: Collection[str] = ()
) -> dict[str, Any]:
    """The original request is frozen with its rejection, so it is read as it stands."""
    with translation.override(LANGUAGE):
        content = printed_content(document, hidden=hidden)
        shown = content.shown
        amount = shown("amount")
        is_granted = document.origin.reconsidered_by_id == document.pk
        return {
            **form_context(document, form, hidden=hidden),
            "customer": shown("customer"),
            "origin_no": document.origin.doc_no,
            "handler": shown("handler"),
            "department": f"{shown('branch')} · {shown('department')}",
            "comparison": _comparison(document, shown),
            "guarantee_items": securities(content),
            "amount_capital": "" if amount == BLANK else capital_amount(document.amount),
            "rejection": {
                name: shown(f"rejected_{name}") for name in ("node", "by", "on", "opinion")
            },
            "grounds": [
                (pgettext("approval form", "Reason"), shown("reason")),
                (pgettext("approval form", "New facts"), shown("new_facts")),
                (pgettext("approval form", "Change of the guarantee"), shown("guarantee_note")),
            ],
            "approved": approved_terms(document.origin) if is_granted else None,
        }


def _comparison(document: Reconsideration, shown: Any) -> list[tuple[str, str, str]]:
    """Label, original request, new request."""
    origin = document.origin
    asked = requested_terms(origin.lines.all())
    cost = f"{format_rate(origin.all_in_rate)}%" if origin.all_in_rate else "—"
    before = {
        "amount": (pgettext("approval form", "Amount (CNY)"), format_amount(origin.amount_total)),
        "term_months": (pgettext("approval form", "Months"), str(asked.term)),
        "annual_rate": (pgettext("approval form", "Annual rate"), f"{format_rate(asked.rate)}%"),
        "guarantee": (pgettext("approval form", "Guarantee"), origin.get_guarantee_display()),
        "all_in_rate": (pgettext("approval form", "All-in annual cost"), cost),
    }
    return [(label, text, shown(name)) for name, (label, text) in before.items()]

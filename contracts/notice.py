"""综合融资成本告知书: what the loan costs the borrower in all, before he signs (domain §7, R1)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import translation
from django.utils.translation import gettext, pgettext

from applications.calculation import monthly_rate
from applications.choices import FeeBasis
from applications.models import FeeLine
from contracts.models import ContractReview
from contracts.rules.cost import contract_cost
from documents.printing import company_name
from documents.printing.forms import LANGUAGE
from lending_crm.common.formats import format_day
from lending_crm.common.money import capital_amount, format_amount, format_rate

ZERO = Decimal("0.00")


def notice_context(review: ContractReview) -> dict[str, Any]:
    """By the contract's amount, term and rate and the approved fees; yuan and percent a year.

    Always in Chinese, the language of record. What is not filled in yet stays a dash.
    """
    application = review.application
    amount = review.amount or application.approved_amount or ZERO
    fees = list(application.fees.all())
    cost = contract_cost(review)
    found, rate = cost.all_in, review.annual_rate
    with translation.override(LANGUAGE):
        return {
            "company": company_name(),
            "form_title": gettext("Notice of the all-in cost"),
            "secrecy": pgettext("approval form", "Public"),
            "doc_no": review.doc_no,
            "customer": review.customer.name,
            "application_no": application.doc_no,
            "contract_no": review.contract_no,
            "amount": format_amount(amount),
            "capital": capital_amount(amount),
            "months": review.term_months or "—",
            "annual_rate": _percent(rate),
            "monthly_rate": _percent(
                monthly_rate(review.annual_rate) if review.annual_rate else None
            ),
            "method": review.get_method_display() or "—",
            "starts_on": format_day(review.start_date) if review.start_date else "—",
            "due_on": format_day(review.due_date) if review.due_date else "—",
            "fees": [_fee(fee) for fee in fees],
            "interest": format_amount(found.total_interest) if found else "—",
            "fee_total": format_amount(found.total_fees) if found else "—",
            "in_all": format_amount(amount + found.total_interest + found.total_fees)
            if found
            else "—",
            "all_in_rate": _percent(found.nominal if found else None),
            "effective_rate": _percent(found.effective if found else None),
            "problem": cost.problem.message if cost.problem else "",
        }


def _percent(rate: Decimal | None) -> str:
    return "—" if rate is None else f"{format_rate(rate)}%"


def _fee(fee: FeeLine) -> dict[str, str]:
    is_rate = fee.basis == FeeBasis.RATE
    return {
        "kind": fee.get_kind_display(),
        "value": _percent(fee.rate) if is_rate else f"¥{format_amount(fee.amount or ZERO)}",
        "timing": fee.get_timing_display(),
        "payee": fee.payee or "—",
    }

"""还款计划表 with the borrower's signature (domain.md §7), by the engine of all print-outs."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import pgettext

from applications.choices import SCHEDULE_FORM
from documents.printing import PrintMark, company_name, content_hash, record_print, render_pdf
from funds.models import Loan
from funds.models.fields import ZERO
from funds.selectors.state import lines_in_force
from lending_crm.common.money import capital_amount, format_amount, format_rate

if TYPE_CHECKING:
    from documents.models import PrintRecord
    from staff.models import Employee

LANGUAGE = "zh-hans"
_TEMPLATE = "funds/print/repayment_schedule.html"


@transaction.atomic
def print_schedule(*, loan: Loan, actor: Employee, now: datetime, reason: str = "") -> PrintRecord:
    """The schedule in force as PDF, counted and kept with the application's prints.

    The caller has checked that ``actor`` sees the loan. A print that cannot be drawn (PRT-01,
    PRT-02) is not counted.
    """
    context = schedule_context(loan)
    digest = content_hash(context)

    def draw(number: int) -> bytes:
        mark = PrintMark(number, now, f"{actor.name}({actor.employee_no})", digest)
        return render_pdf(_TEMPLATE, {**context, "mark": mark}, language=LANGUAGE)

    return record_print(
        document=loan.application,
        form=SCHEDULE_FORM,
        actor=actor,
        now=now,
        sha256=digest,
        reason=reason,
        draw=draw,
    )


def schedule_context(loan: Loan) -> dict[str, Any]:
    """The form's content, always in Chinese, the language of record."""
    lines = lines_in_force(loan)
    principal = sum((line.principal for line in lines), ZERO)
    interest = sum((line.interest for line in lines), ZERO)
    with translation.override(LANGUAGE):
        return {
            "company": company_name(),
            "form_title": pgettext("repayment schedule", "Repayment schedule"),
            "secrecy": pgettext("approval form", "Internal"),
            "doc_no": loan.loan_no,
            "customer": loan.customer.name,
            "application_no": loan.application.doc_no,
            "contract_no": loan.contract_no,
            "principal": format_amount(loan.principal),
            "principal_capital": capital_amount(loan.principal),
            "annual_rate": f"{format_rate(loan.annual_rate)}%",
            "method": loan.get_method_display(),
            "start_date": f"{loan.start_date:%Y-%m-%d}",
            "due_date": f"{loan.due_date:%Y-%m-%d}",
            "version": loan.schedule_version,
            "rows": _rows(lines, principal),
            "total_principal": format_amount(principal),
            "total_interest": format_amount(interest),
            "total": format_amount(principal + interest),
        }


def _rows(lines: list[Any], principal: Any) -> list[dict[str, Any]]:
    balance, rows = principal, []
    for line in lines:
        balance -= line.principal
        rows.append(
            {
                "no": line.no,
                "due": f"{line.due:%Y-%m-%d}",
                "principal": format_amount(line.principal),
                "interest": format_amount(line.interest),
                "total": format_amount(line.total),
                "balance": format_amount(balance),
            }
        )
    return rows

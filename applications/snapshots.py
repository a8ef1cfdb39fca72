"""The application as its approvers see it, kept with each submission (engine spec §6)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from applications.choices import FeeBasis
from applications.models import BusinessApplication
from applications.row_tables import FEES
from documents.lists import Head, ReadTable
from documents.snapshots import snapshot_field
from lending_crm.common.money import format_amount, format_rate

#: a fee's rate or its amount in one column, whichever it is reckoned by
FEES_AS_READ = ReadTable(
    FEES.name,
    FEES.label,
    (
        Head(gettext_lazy("fee")),
        Head(gettext_lazy("rate or amount"), is_number=True),
        Head(gettext_lazy("paid when")),
        Head(gettext_lazy("payee")),
    ),
)


def fields(application: BusinessApplication) -> list[dict[str, Any]]:
    """The fields of ``documents.kinds.snapshot``; called with Chinese active."""
    plain = (
        "customer",
        "opportunity",
        "borrower",
        "biz_kind",
        "previous_loan_no",
        "purpose",
        "purpose_note",
        "repay_source",
    )
    found = [snapshot_field(application, name) for name in plain]
    found += [snapshot_field(application, name) for name in ("guarantee", "channel")]
    for name in ("rebate_ratio", "all_in_rate"):
        found.append(snapshot_field(application, name, display=percent(getattr(application, name))))
    for name in ("amount_total", "exposure"):
        amount = getattr(application, name)
        found.append(snapshot_field(application, name, display=format_amount(amount)))
    found.append(snapshot_field(application, "uplift_reasons"))
    return found


def tables(application: BusinessApplication) -> list[dict[str, Any]]:
    """Amount lines, securities and fees; called with Chinese active."""
    lines = [
        [
            line.product.name,
            format_amount(line.amount),
            str(line.term_months),
            percent(line.annual_rate),
            line.get_method_display(),
            line.get_disburse_mode_display(),
            "; ".join(f"{month}: {principal}" for month, principal in line.plan),
        ]
        for line in application.lines.select_related("product")
    ]
    items = [
        [
            item.get_kind_display(),
            item.name,
            item.owner_name,
            money(item.assessed_value),
            percent(item.ratio),
            format_amount(item.lendable),
        ]
        for item in application.guarantee_items.all()
    ]
    fees = [
        [
            fee.get_kind_display(),
            percent(fee.rate) if fee.basis == FeeBasis.RATE else money(fee.amount),
            fee.get_timing_display(),
            fee.payee,
        ]
        for fee in application.fees.all()
    ]
    return [
        {
            "name": "lines",
            "label": _("Requested amounts"),
            "columns": [
                _("product"),
                _("requested amount (CNY)"),
                _("term (months)"),
                _("annual rate (%)"),
                _("repayment method"),
                _("disbursement"),
                _("repayment plan"),
            ],
            "rows": lines,
        },
        {
            "name": "guarantee_items",
            "label": _("Securities and guarantors"),
            "columns": [
                pgettext("security", "kind"),
                pgettext("security", "name"),
                _("owner of the property"),
                _("assessed value (CNY)"),
                _("lending ratio (%)"),
                _("lendable value (CNY)"),
            ],
            "rows": items,
        },
        FEES_AS_READ.snapshot(fees),
    ]


def percent(rate: Decimal | None) -> str:
    return "" if rate is None else f"{format_rate(rate)}%"


def money(amount: Decimal | None) -> str:
    return "" if amount is None else format_amount(amount)

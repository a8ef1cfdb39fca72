"""What the 业务审批表 says (domain.md §7), as plain values for its template."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone, translation
from django.utils.dateparse import parse_datetime
from django.utils.translation import pgettext

from applications.calculation import monthly_rate
from applications.models import BusinessApplication
from documents.choices import WfStatus
from documents.printing import company_name
from documents.printing.forms import LANGUAGE, Content, printed_content
from documents.printing.opinions import opinion_boxes
from documents.snapshots import attachment_snapshot
from lending_crm.common.identity import mask_id_no
from lending_crm.common.money import capital_amount, format_amount, format_rate


def approval_form_context(
    application: BusinessApplication, *, hidden: Collection[str] = ()
) -> dict[str, Any]:
    """The form's content, always in Chinese, the language of record.

    Once submitted, the figures come from the snapshot that the approvers decided on, so a
    later change of a product's or customer's name does not alter an old form (N17). The
    numbers of people and companies are masked; fields and tables in ``hidden`` are blank.
    """
    with translation.override(LANGUAGE):
        content = printed_content(application, hidden=hidden)
        return {
            "company": company_name(),
            "form_title": pgettext("approval form", "Business approval form"),
            "secrecy": pgettext("approval form", "Internal"),
            "doc_no": application.doc_no,
            **_head(application, content),
            **_tables(content),
            "opinions": opinion_boxes(application.case, application) if application.case else [],
            "approved": _approved(application),
            "attachments": attachment_snapshot(application),
        }


def _head(application: BusinessApplication, content: Content) -> dict[str, Any]:
    shown, fields = content.shown, content.fields
    customer = application.customer
    amount = Decimal(fields["amount_total"]["value"])
    return {
        "customer": shown("customer"),
        "id_label": pgettext("approval form", "Credit code")
        if customer.uscc
        else pgettext("approval form", "ID number"),
        "id_masked": mask_id_no(customer.uscc or customer.id_no),
        "handler": shown("handler"),
        "department": f"{shown('branch')} · {shown('department')}",
        "biz_kind": shown("biz_kind"),
        "applied_on": _day(fields["created_at"]["value"]),
        "amount": format_amount(amount),
        "amount_capital": capital_amount(amount),
        "all_in_rate": shown("all_in_rate"),
        "exposure": shown("exposure"),
        "uplift": shown("uplift_reasons"),
        "purpose": shown("purpose"),
        "purpose_note": shown("purpose_note"),
        "repay_source": shown("repay_source"),
        "guarantee": shown("guarantee"),
        "remark": shown("remark"),
    }


def _approved(application: BusinessApplication) -> dict[str, Any] | None:
    """Of its own case; what a reconsideration granted stands on that one's paper."""
    is_approved = application.wf_status == WfStatus.APPROVED
    return approved_terms(application) if is_approved else None


def _day(value: str) -> Any:
    moment = parse_datetime(value)
    return timezone.localdate(moment) if isinstance(moment, datetime) else None


def _tables(content: Content) -> dict[str, Any]:
    """The rows of ``applications.snapshots.tables`` with their columns named."""
    return {
        "lines": [
            {
                "product": product,
                "amount": amount,
                "term": term,
                "annual_rate": rate,
                "monthly_rate": _monthly(rate),
                "method": method,
                "disbursement": disbursement,
            }
            for product, amount, term, rate, method, disbursement, *_plan in content.rows("lines")
        ],
        "guarantee_items": securities(content),
        "fees": [
            dict(zip(("kind", "value", "timing", "payee"), row, strict=False))
            for row in content.rows("fees")
        ],
    }


def securities(content: Content) -> list[dict[str, str]]:
    """担保物/保证人清单 with its columns named, of an application or of a reconsideration."""
    names = ("kind", "name", "owner", "value", "ratio", "lendable")
    return [dict(zip(names, row, strict=False)) for row in content.rows("guarantee_items")]


def _monthly(annual: str) -> str:
    return f"{format_rate(monthly_rate(Decimal(annual.rstrip('%'))))}%"


def approved_terms(application: BusinessApplication) -> dict[str, Any] | None:
    """What was approved; None while nothing is."""
    if application.approved_amount is None:
        return None
    rate = application.approved_rate or Decimal(0)
    return {
        "amount": format_amount(application.approved_amount),
        "amount_capital": capital_amount(application.approved_amount),
        "term": application.approved_term,
        "annual_rate": f"{format_rate(rate)}%",
        "monthly_rate": f"{format_rate(monthly_rate(rate))}%",
        "on": application.approved_on,
        "valid_until": application.approval_valid_until,
        "conditions": application.approved_conditions.splitlines(),
    }

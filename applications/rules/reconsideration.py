"""When a rejected application may be asked for again (M6): REC-01 to REC-08."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from applications.calculation import due_after
from applications.models import BusinessApplication, LenderSetting, Reconsideration
from applications.models.reconsideration import SHORTEST_TEXT
from documents.choices import WfStatus
from lending_crm.common.errors import DomainError
from lending_crm.common.money import format_amount

if TYPE_CHECKING:
    from applications.rejections import Rejection
    from applications.rules.request import Request

#: the authority level above which there is nobody (domain.md §2.3: 总裁)
HIGHEST_LEVEL = 4


def not_rejected(doc_no: str) -> DomainError:
    return DomainError(
        "REC-01",
        _("Application %(doc_no)s was not rejected; it cannot be reconsidered."),
        params={"doc_no": doc_no},
    )


def reconsidered_before(doc_no: str) -> DomainError:
    return DomainError(
        "REC-02",
        _("Application %(doc_no)s has already been reconsidered once."),
        params={"doc_no": doc_no},
    )


def reconsideration_open(doc_no: str, other: str) -> DomainError:
    return DomainError(
        "REC-03",
        _("A reconsideration %(other)s is already open on application %(doc_no)s."),
        params={"doc_no": doc_no, "other": other},
    )


def window_has_passed(days: int) -> DomainError:
    return DomainError(
        "REC-04",
        _("The reconsideration period of %(days)s days has passed."),
        params={"days": days},
    )


def amount_above_original(requested: Decimal) -> DomainError:
    return DomainError(
        "REC-05",
        _("The amount cannot exceed the original %(amount)s."),
        status=422,
        field="amount",
        params={"amount": format_amount(requested)},
    )


def says_nothing_new(field: str | None = None) -> DomainError:
    return DomainError(
        "REC-06", _("State new facts and attach new material."), status=422, field=field
    )


def request_barred(months: int) -> DomainError:
    return DomainError(
        "REC-07",
        _("After a rejected reconsideration the same request is barred for %(months)s months."),
        params={"months": months},
    )


def nobody_above() -> DomainError:
    return DomainError(
        "REC-08", _("The president rejected the application; nobody stands above to reconsider.")
    )


def origin_refusals(
    origin: BusinessApplication,
    rejection: Rejection | None,
    *,
    setting: LenderSetting,
    day: date,
    own: int | None = None,
) -> Iterator[DomainError]:
    """REC-01 to REC-04 and REC-08 about the application; ``own`` is the asking document's id."""
    if origin.wf_status != WfStatus.REJECTED or rejection is None:
        yield not_rejected(origin.doc_no)
        return
    others = Reconsideration.objects.exclude(pk=own or 0)
    if others.filter(decided_origin=origin).exists():
        yield reconsidered_before(origin.doc_no)
        return
    open_no = others.filter(open_origin=origin).values_list("doc_no", flat=True).first()
    if open_no is not None:
        yield reconsideration_open(origin.doc_no, open_no)
    if rejection.level >= HIGHEST_LEVEL:
        yield nobody_above()
    if day > rejection.on + timedelta(days=setting.reconsideration_days):
        yield window_has_passed(setting.reconsideration_days)


def text_refusals(document: Reconsideration) -> Iterator[DomainError]:
    """REC-06: reason and facts say something; empty ones are named by WF-08 already."""
    for name in ("reason", "new_facts"):
        text = getattr(document, name).strip()
        if text and len(text) < SHORTEST_TEXT:
            yield says_nothing_new(name)


def bar_refusals(request: Request, *, day: date) -> Iterator[DomainError]:
    """REC-07: the same products for no less than what was refused; asking for more is no less
    the same request."""
    application, months = request.application, request.setting.reconsideration_bar_months
    products = {line.product_id for line in request.lines}
    refused = Reconsideration.objects.filter(
        customer=application.customer_id,
        wf_status=WfStatus.REJECTED,
        amount__lte=request.amount_total,
        decided_on__gt=due_after(day, -months),
        origin__lines__product__in=products,
    )
    if refused.exists():
        yield request_barred(months)

"""Everything the rules say of one application at one moment, from a fixed number of queries.

The submission, the case page and the live preview of the form ask the same questions;
here they are asked once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils import timezone

from applications.authority import required_level
from applications.choices import UpliftReason
from applications.costing import Cost, cost_of
from applications.exposure import Exposure, exposure_of
from applications.hooks import has_young_loan
from applications.models import (
    AuthorityBand,
    BusinessApplication,
    LenderSetting,
    LprQuote,
)
from applications.row_tables import APPLICATION_TABLES
from applications.rules.eligibility import Party
from applications.rules.limits import CostCap, cost_cap
from applications.rules.request import Request
from applications.rules.uplift import uplift_reasons
from customers.hooks import Limits
from customers.models import Consent, Contact, Customer
from documents.rows import read_together

KIND_CODE = "business_application"


@dataclass(frozen=True)
class Assessment:
    """``level`` is the authority level that the case needs, the uplift included."""

    request: Request
    party: Party
    exposure: Exposure
    cost: Cost
    cap: CostCap
    uplift: tuple[UpliftReason, ...]
    limits: Mapping[int, Decimal | None]
    day: date

    @property
    def level(self) -> int:
        return required_level(self.exposure.group, self.limits, is_uplifted=bool(self.uplift))


def assess(request: Request, *, day: date) -> Assessment:
    """Four queries for a saved or unsaved request whose customer is set."""
    application = request.application
    return Assessment(
        request=request,
        party=party_of(application.customer),
        exposure=exposure_of(
            application.customer,
            request=request.amount_total,
            excluding=application.pk,
            day=day,
        ),
        cost=cost_of(request.lines, request.fees, start=day),
        cap=cost_cap(request.setting, lpr=request.lpr, day=day),
        uplift=tuple(uplift_reasons(request)),
        limits=authority_limits(),
        day=day,
    )


def assess_stored(application: BusinessApplication, *, now: datetime) -> Assessment:
    """The application with its stored rows."""
    day = local_day(now)
    return assess(stored_request(application, day=day), day=day)


def stored_request(application: BusinessApplication, *, day: date) -> Request:
    """Five queries: rows, their products, settings, the LPR of the day, the customer's loans."""
    rows = stored_rows(application)
    return Request(
        application=application,
        lines=rows["lines"],
        guarantee_items=rows["guarantee_items"],
        fees=rows["fees"],
        setting=current_setting(),
        lpr=lpr_on(day),
        has_young_loan=has_young_loan(application.customer_id),
    )


def stored_rows(application: BusinessApplication) -> dict[str, list[Any]]:
    """Its three lists, the lines with their products; two queries."""
    rows = read_together(APPLICATION_TABLES, application)
    prefetch_related_objects(rows["lines"], "product")
    return rows


def party_of(customer: Customer) -> Party:
    return Party(
        customer=customer,
        contacts=list(Contact.objects.filter(customer=customer).order_by("id")),
        consents=list(Consent.objects.filter(customer=customer)),
    )


def authority_limits(kind: str = KIND_CODE) -> dict[int, Decimal | None]:
    """The stored authority table of the kind: upper limit by level."""
    rows = AuthorityBand.objects.filter(document_kind=kind).values_list("level", "upper_limit")
    return dict(rows)


def current_setting() -> LenderSetting:
    """The lender's settings; the shipped values while nobody has saved any."""
    return LenderSetting.objects.filter(pk=1).first() or LenderSetting(pk=1)


def customer_limits() -> Limits:
    """The lender's limits about customers, as stored now."""
    return current_setting().customer_limits


def lpr_on(day: date) -> Decimal | None:
    """The quote in force on the day, None when none was entered yet (R2)."""
    quotes = LprQuote.objects.filter(quoted_on__lte=day).order_by("-quoted_on")
    return quotes.values_list("rate", flat=True).first()


def local_day(now: datetime) -> date:
    """The lender's calendar day of a moment; rules count days in Chinese time."""
    return timezone.localtime(now).date()

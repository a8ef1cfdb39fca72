"""Whose time is over: customers without any relation to the lender since so many years (R10)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.choices import BLOCKED_STATUSES
from customers.models import Customer, FollowUp, Opportunity
from documents.choices import EDITABLE_STATUSES, WfStatus
from documents.kinds import RoutedDocumentKind
from funds.choices import ENDED_STATUSES, LoanStatus
from funds.models import Loan
from lending_crm.common.identity import mask_name
from privacy.models import Anonymisation, LegalHold
from privacy.selectors.settings import privacy_setting
from workflows.kinds import all_kinds

_UNFINISHED = (*EDITABLE_STATUSES, WfStatus.IN_APPROVAL)


@dataclass(frozen=True)
class Due:
    """A customer whose time is over, with the last thing that tied the lender to it."""

    customer: Customer
    ended_on: date
    because: str

    @property
    def masked_name(self) -> str:
        """Administrators hold no business data: they know the number (N26, R11)."""
        return mask_name(self.customer.name)


def limit_of(now: datetime, *, years: int) -> datetime:
    """The end of the day before which a relation must have ended."""
    today = timezone.localdate(now)
    try:
        day = today.replace(year=today.year - years)
    except ValueError:  # 29 February
        day = today.replace(year=today.year - years, day=28)
    return timezone.make_aware(datetime.combine(day, time()))


def due_customers(*, now: datetime, years: int | None = None) -> QuerySet[Customer]:
    """Whose last relation ended before the limit and whom nothing holds back, by id.

    Nobody with a running or written-off loan, a document that is not decided, a bad status, a
    customer that names it as its channel or principal, or a legal hold.
    """
    kept = privacy_setting().keep_years if years is None else years
    limit = limit_of(now, years=kept)
    own = {"customer": OuterRef("pk")}
    loans = Loan.objects.filter(**own)
    running = ~Q(status__in=ENDED_STATUSES) | Q(status=LoanStatus.WRITTEN_OFF)
    recent = Q(settled_on__gte=timezone.localdate(limit)) | Q(
        settled_on=None, created_at__gte=limit
    )
    others = Customer.objects.filter(anonymised_at=None).order_by()
    rows = Customer.objects.filter(anonymised_at=None, created_at__lt=limit).exclude(
        biz_status__in=BLOCKED_STATUSES
    )
    rows = rows.filter(
        ~Exists(loans.filter(running | recent)),
        ~Exists(LegalHold.objects.filter(lifted_at=None, **own)),
        ~Exists(Opportunity.objects.filter(updated_at__gte=limit, **own)),
        ~Exists(FollowUp.objects.filter(at__gte=limit, opportunity__customer=OuterRef("pk"))),
        ~Exists(others.filter(channel=OuterRef("pk"))),
        ~Exists(others.filter(principal_customer=OuterRef("pk"))),
    )
    for model, key, code in _documents():
        about = model._default_manager.filter(kind=code, **{key: OuterRef("pk")}).order_by()
        rows = rows.exclude(Exists(about.filter(_still_counts(limit))))
    return rows.select_related("branch").order_by("pk")


def explained(rows: Any) -> list[Due]:
    """The customers with when their last relation ended, and which it was."""
    return [_explain(customer) for customer in rows]


def all_holds() -> QuerySet[LegalHold]:
    return LegalHold.objects.select_related("customer__branch", "set_by", "lifted_by")


def active_holds() -> QuerySet[LegalHold]:
    return all_holds().filter(lifted_at=None)


def past_holds() -> QuerySet[LegalHold]:
    return all_holds().filter(lifted_at__isnull=False)


def acts() -> QuerySet[Anonymisation]:
    return Anonymisation.objects.select_related("branch", "by")


def _documents() -> Iterator[tuple[Any, str, str]]:
    """Every kind of document with each key by which it names a customer, as whatever."""
    for kind in all_kinds():
        if isinstance(kind, RoutedDocumentKind):
            for field in kind.model._meta.local_fields:
                is_key = isinstance(field, models.ForeignKey) and field.related_model is Customer
                if is_key and not field.name.startswith("open_"):
                    yield kind.model, field.name, kind.code


def _still_counts(limit: datetime) -> Q:
    return Q(wf_status__in=_UNFINISHED) | Q(updated_at__gte=limit)


def _explain(customer: Customer) -> Due:
    ends: list[tuple[date, str]] = [
        (timezone.localdate(customer.created_at), _("entered, no business followed"))
    ]
    for loan in Loan.objects.filter(customer=customer):
        day = loan.settled_on or timezone.localdate(loan.created_at)
        ends.append((day, _("loan %(number)s settled") % {"number": loan.loan_no}))
    for model, key, code in _documents():
        last = (
            model._default_manager.filter(kind=code, **{key: customer})
            .order_by("-updated_at")
            .first()
        )
        if last is not None:
            words = _("document %(number)s closed") % {"number": last.doc_no}
            ends.append((timezone.localdate(last.updated_at), words))
    worked = Opportunity.objects.filter(customer=customer).order_by("-updated_at").first()
    if worked is not None:
        words = _("opportunity worked on last")
        ends.append((timezone.localdate(worked.updated_at), words))
    day, because = max(ends, key=lambda end: end[0])
    return Due(customer, day, because)

"""审批权限表, 机构参数, LPR, 产品: change them, with every change on record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from applications.assessment import KIND_CODE, local_day
from applications.authority import are_ascending
from applications.models import AuthorityBand, LenderSetting, LprQuote, Product
from applications.permissions import may_change_settings, may_quote_lpr
from documents.rules import refuse_unless
from documents.values import as_stored, field_refusals
from lending_crm.common.changes import field_values, record_changes
from lending_crm.common.errors import DomainError, refuse_all
from lending_crm.common.text import clean_line
from staff.services.guards import lock_row, refuse_stale

if TYPE_CHECKING:
    from staff.models import Employee

SETTING_FIELDS = (
    "net_assets",
    "borrower_limit_percent",
    "group_limit_percent",
    "is_licensed",
    "all_in_cap",
    "lpr_multiple",
    "lpr_hard_from",
    "approval_valid_days",
    "allows_manual_contracts",
    "min_age",
    "max_age",
    "rebate_cap",
    "long_term_months",
    "reconsideration_days",
    "reconsideration_bar_months",
    "intermediary_fee_cap",
    "prohibited_words",
)
PRODUCT_FIELDS = (
    "code",
    "name",
    "min_amount",
    "max_amount",
    "min_term",
    "max_term",
    "min_rate",
    "max_rate",
    "floor_rate",
    "day_count",
    "methods",
    "guarantees",
    "early_repayment_fee",
    "is_active",
)


@transaction.atomic
def update_authority_table(
    *,
    limits: Mapping[int, Decimal | None],
    seen: Mapping[int, Decimal | None],
    actor: Employee,
    now: datetime,
    kind: str = KIND_CODE,
    ip: str | None = None,
) -> list[AuthorityBand]:
    """Set the upper limit of every level; running cases are measured by it at once (WF-15).

    ``seen`` are the limits that the form was opened with (WF-12). Raises DOC-05, and
    AUT-01 unless the limits rise and only the highest level has none.
    """
    refuse_unless(may_change_settings(actor))
    bands = list(
        AuthorityBand.objects.select_for_update().filter(document_kind=kind).order_by("level")
    )
    if dict(seen) != {band.level: band.upper_limit for band in bands}:
        raise _stale()
    if set(limits) != set(seen) or not are_ascending([limits[b.level] for b in bands]):
        raise DomainError(
            "AUT-01",
            _("Each limit must be above the one before; the highest level has no limit."),
            status=422,
        )
    for band in bands:
        before = field_values(band, ["upper_limit"])
        band.upper_limit = as_stored(AuthorityBand, "upper_limit", limits[band.level])
        band.full_clean(exclude=["document_kind"])
        band.save()
        record_changes(
            instance=band,
            before=before,
            after=field_values(band, ["upper_limit"]),
            actor=actor,
            now=now,
            ip=ip,
        )
    return bands


@transaction.atomic
def update_lender_setting(
    *,
    values: Mapping[str, Any],
    seen_version: int | None,
    actor: Employee,
    now: datetime,
    ip: str | None = None,
) -> LenderSetting:
    """Change the lender's own figures; they hold from the next check on."""
    refuse_unless(may_change_settings(actor))
    setting = lock_row(LenderSetting, 1)
    refuse_stale(setting, seen_version)
    _write(setting, values, SETTING_FIELDS, actor=actor, now=now, ip=ip)
    return setting


@transaction.atomic
def add_lpr_quote(
    *,
    quoted_on: date,
    rate: Decimal,
    actor: Employee,
    now: datetime,
    ip: str | None = None,
) -> LprQuote:
    """Enter the one-year LPR of a day, or correct it (R2); LPR-01 for a day in the future."""
    refuse_unless(may_quote_lpr(actor))
    if quoted_on > local_day(now):
        raise DomainError("LPR-01", _("The day lies in the future."), status=422, field="quoted_on")
    quote = LprQuote.objects.select_for_update(of=("self",)).filter(
        quoted_on=quoted_on
    ).first() or LprQuote(quoted_on=quoted_on)
    before = {} if quote.pk is None else field_values(quote, ["rate"])
    quote.rate = as_stored(LprQuote, "rate", rate)
    quote.entered_by = actor
    _check(quote)
    quote.save()
    record_changes(
        instance=quote,
        before=before,
        after=field_values(quote, ["rate"]),
        actor=actor,
        now=now,
        ip=ip,
    )
    return quote


@transaction.atomic
def save_product(
    *,
    values: Mapping[str, Any],
    actor: Employee,
    now: datetime,
    product_id: int | None = None,
    seen_version: int | None = None,
    ip: str | None = None,
) -> Product:
    """Enter or change a product. Running cases keep what they were submitted with (N17)."""
    refuse_unless(may_change_settings(actor))
    if product_id is None:
        product = Product()
    else:
        product = lock_row(Product, product_id)
        refuse_stale(product, seen_version)
    _write(product, values, PRODUCT_FIELDS, actor=actor, now=now, ip=ip)
    return product


def _write(
    instance: Any,
    values: Mapping[str, Any],
    fields: Sequence[str],
    *,
    actor: Employee,
    now: datetime,
    ip: str | None,
) -> None:
    unknown = sorted(set(values) - set(fields))
    if unknown:
        raise TypeError(f"not fields that a person may fill: {unknown}")
    names = list(values)
    with translation.override("zh-hans"):
        before = field_values(instance, names) if instance.pk else {}
        for name, value in values.items():
            clean = clean_line(value) if isinstance(value, str) else value
            setattr(instance, name, as_stored(type(instance), name, clean))
        _check(instance)
        after = field_values(instance, names)
    if before == after:
        return
    if instance.pk:
        instance.version += 1
    try:
        with transaction.atomic():
            instance.save()
    except IntegrityError as error:  # somebody else has just taken the code or the name
        raise _stale() from error
    record_changes(instance=instance, before=before, after=after, actor=actor, now=now, ip=ip)


def _check(instance: Any) -> None:
    try:
        instance.full_clean()
    except ValidationError as error:
        refuse_all(field_refusals(error))


def _stale() -> DomainError:
    return DomainError("WF-12", _("The record was changed by someone else; refresh and try again."))

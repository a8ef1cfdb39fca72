"""Create, change and copy an application while it is with its handler."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from applications.assessment import assess_stored
from applications.models import BusinessApplication
from applications.permissions import may_apply, refuse_unless
from applications.rules import refusals
from applications.rules.eligibility import customer_refusals
from applications.services.rows import (
    Rows,
    as_stored,
    build_rows,
    field_refusals,
    replace_rows,
    table_texts,
)
from customers import errors as customer_errors
from customers.choices import ContactType, CustomerType
from customers.models import Contact, Customer, Opportunity
from documents.kinds import routed_kind
from documents.services.documents import open_document, write_changes
from documents.services.guard import ensure_editable
from lending_crm.common.changes import record_changes
from lending_crm.common.errors import DomainError, not_found, refuse_all
from lending_crm.common.text import clean_line, clean_text
from staff.services.guards import lock_row

if TYPE_CHECKING:
    from staff.models import Employee

#: What the handler may fill in; everything else is computed or set by the approval.
EDITABLE_FIELDS = (
    "subject",
    "borrower",
    "biz_kind",
    "previous_loan_no",
    "purpose",
    "purpose_note",
    "repay_source",
    "guarantee",
    "channel",
    "rebate_ratio",
    "remark",
)
KIND = "business_application"


@transaction.atomic
def create_application(
    *,
    opportunity: Opportunity,
    actor: Employee,
    now: datetime,
    values: Mapping[str, Any] | None = None,
    rows: Rows | None = None,
    creation_key: uuid.UUID | None = None,
    ip: str | None = None,
) -> BusinessApplication:
    """Open a draft on an opportunity; customer, opportunity and borrower are filled in.

    Raises APP-01 (not an account manager), CUS-11 (another's customer), OPP-05 (closed
    opportunity), BUS-07 (barred customer), BUS-08 (an open application is there already).
    The same ``creation_key`` again answers with the application that it made.
    """
    customer = lock_row(Customer, opportunity.customer_id)
    _refuse_strangers(customer, actor)
    if creation_key is not None:
        made = BusinessApplication.objects.filter(creation_key=creation_key).first()
        if made is not None:
            if made.creator_id != actor.pk:
                raise not_found()
            return made
    opportunity = lock_row(Opportunity, opportunity.pk)
    opportunity.customer = customer
    _refuse_new_business(opportunity)
    application: BusinessApplication = open_document(
        kind=routed_kind(KIND),
        actor=actor,
        now=now,
        party=customer.name,
        customer=customer,
        opportunity=opportunity,
        borrower=Contact.objects.filter(customer=customer, contact_type=ContactType.MAIN).first(),
        creation_key=creation_key,
    )
    _fill(application, values or {}, rows or Rows(), actor=actor, now=now, ip=ip)
    return application


@transaction.atomic
def update_application(
    *,
    application_id: int,
    actor: Employee,
    now: datetime,
    values: Mapping[str, Any],
    rows: Rows | None = None,
    seen_version: int | None = None,
    ip: str | None = None,
) -> BusinessApplication:
    """Save what was typed so far: level S of domain.md §0, everything else may be empty.

    Totals, exposure, all-in cost and band are computed again. Raises DOC-01/WF-04/WF-05
    when it may not be changed (any more), WF-12 on a stale version.
    """
    application: BusinessApplication = routed_kind(KIND).lock(application_id)
    ensure_editable(application, actor, seen_version=seen_version)
    _fill(application, values, rows or Rows(), actor=actor, now=now, ip=ip)
    return application


@transaction.atomic
def copy_application(
    *, application_id: int, actor: Employee, now: datetime, ip: str | None = None
) -> BusinessApplication:
    """A new draft with the content of an application that ended without a loan.

    For expired (BUS-13), void and rejected ones; attachments are not copied, since papers
    go stale. Raises APP-03 for any other, and as ``create_application``.
    """
    source: BusinessApplication = routed_kind(KIND).lock(application_id)
    if not source.is_over:
        raise DomainError(
            "APP-03", _("Only an expired, void or rejected application can be copied.")
        )
    copy = create_application(
        opportunity=source.opportunity,
        actor=actor,
        now=now,
        values={name: getattr(source, name) for name in EDITABLE_FIELDS if name != "subject"},
        rows=_rows_of(source),
        ip=ip,
    )
    copy.copied_from = source
    copy.save(update_fields=["copied_from"])
    return copy


def _rows_of(application: BusinessApplication) -> Rows:
    def plain(queryset: models.QuerySet, *names: str) -> list[dict[str, Any]]:
        return [{name: getattr(row, name) for name in names} for row in queryset]

    return Rows(
        lines=plain(
            application.lines.select_related("product"),
            *("product", "amount", "term_months", "annual_rate", "method"),
            *("disburse_mode", "plan"),
        ),
        guarantee_items=plain(
            application.guarantee_items.all(),
            *("kind", "name", "owner_name", "assessed_value", "ratio"),
        ),
        fees=plain(application.fees.all(), *("kind", "basis", "rate", "amount", "timing", "payee")),
    )


def ensure_may_create(opportunity: Opportunity, *, actor: Employee) -> None:
    """Refuse what ``create_application`` would refuse, before anything is typed."""
    _refuse_strangers(opportunity.customer, actor)
    _refuse_new_business(opportunity)


def _refuse_strangers(customer: Customer, actor: Employee) -> None:
    refuse_unless(may_apply(actor))
    if customer.owner_id != actor.pk:
        raise customer_errors.not_the_owner()


def _refuse_new_business(opportunity: Opportunity) -> None:
    reasons = list(customer_refusals(opportunity.customer))
    if not opportunity.is_open:
        reasons.append(customer_errors.opportunity_closed())
    open_no = (
        BusinessApplication.objects.filter(open_opportunity=opportunity)
        .values_list("doc_no", flat=True)
        .first()
    )
    if open_no is not None:
        reasons.append(refusals.application_open(open_no))
    refuse_all(reasons)


def _fill(
    application: BusinessApplication,
    values: Mapping[str, Any],
    rows: Rows,
    *,
    actor: Employee,
    now: datetime,
    ip: str | None,
) -> None:
    """Check, write the lists and the fields, compute, and keep what changed."""
    unknown = sorted(set(values) - set(EDITABLE_FIELDS))
    if unknown:
        raise TypeError(f"not fields that a person may fill: {unknown}")
    cleaned = _cleaned(values)
    built, reasons = build_rows(rows)
    reasons += _field_reasons(application, cleaned)
    refuse_all(reasons)
    with translation.override("zh-hans"):
        before = table_texts(application)
    replace_rows(application, built)
    with translation.override("zh-hans"):
        after = table_texts(application)
    _compute(application, cleaned, now=now)
    write_changes(
        document=application,
        values=cleaned,
        actor=actor,
        now=now,
        ip=ip,
        rows_changed=before != after,
    )
    record_changes(instance=application, before=before, after=after, actor=actor, now=now, ip=ip)


def _cleaned(values: Mapping[str, Any]) -> dict[str, Any]:
    paragraphs = {"purpose_note", "repay_source", "remark"}
    return {
        name: (clean_text if name in paragraphs else clean_line)(value)
        if isinstance(value, str)
        else as_stored(BusinessApplication, name, value)
        for name, value in values.items()
        # A subject that was emptied keeps its last wording instead of losing the document's name.
        if not (name == "subject" and isinstance(value, str) and not value.strip())
    }


def _field_reasons(
    application: BusinessApplication, cleaned: Mapping[str, Any]
) -> list[DomainError]:
    """Wrong values and relations to other customers' records; nothing is set on success."""
    probe = BusinessApplication()
    for name, value in cleaned.items():
        setattr(probe, name, value)
    reasons: list[DomainError] = []
    others = {field.name for field in BusinessApplication._meta.fields} - set(cleaned)
    try:
        probe.clean_fields(exclude=others)
    except ValidationError as error:
        reasons += field_refusals(error)
    borrower = cleaned.get("borrower")
    if borrower is not None and borrower.customer_id != application.customer_id:
        reasons.append(customer_errors.wrong_customer("borrower"))
    channel = cleaned.get("channel")
    if channel is not None and channel.customer_type != CustomerType.CHANNEL:
        reasons.append(customer_errors.wrong_customer("channel"))
    return reasons


def _compute(
    application: BusinessApplication, cleaned: Mapping[str, Any], *, now: datetime
) -> None:
    """The computed columns, by the values as they will be stored."""
    before = {name: getattr(application, name) for name in cleaned}
    for name, value in cleaned.items():
        setattr(application, name, value)
    assessment = assess_stored(application, now=now)
    for name, value in before.items():
        setattr(application, name, value)  # write_changes compares with what is stored
    application.amount_total = assessment.request.amount_total
    application.exposure = assessment.exposure.group
    application.all_in_rate = assessment.cost.rate
    application.uplift_reasons = list(assessment.uplift)

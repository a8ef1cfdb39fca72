"""What a completion must keep, at its submission and once more when it is decided (M18)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from applications.choices import GUARANTOR_KINDS, BizStatus
from applications.models import BusinessApplication
from documents.choices import WfStatus
from funds.errors import business_completed
from funds.selectors.unpaid import unpaid_of
from lending_crm.common.errors import DomainError
from postloan.choices.completion import ReleaseStep
from postloan.models import CompletedBusiness, CustomerCompletion
from postloan.rules.completion import refusals
from postloan.selectors.completion import BusinessFigures, uncleared_fees
from postloan.selectors.completion_open import open_documents

Step = tuple[str, str, str]


def completion_refusals(
    completion: CustomerCompletion,
    businesses: Sequence[BusinessApplication],
    figures: Mapping[int, BusinessFigures],
    *,
    day: date,
) -> Iterator[DomainError]:
    """CMP-01 to CMP-08, every one that applies on ``day``."""
    for business in businesses:
        yield from business_refusals(business, figures[business.pk], excluding=completion.pk)
    waiting = [release_text(row) for row in completion.releases.all() if not row.is_done]
    if waiting:
        yield refusals.not_released(waiting)
    if balance := uncleared_fees(completion.customer_id):
        yield refusals.fees_uncleared(balance)
    settled = [each.last_settled for each in figures.values() if each.last_settled is not None]
    first = max(settled, default=completion.settled_on)
    if not first <= completion.settled_on <= day:
        yield refusals.wrong_day(first, day)


def business_refusals(
    business: BusinessApplication, figures: BusinessFigures, *, excluding: int
) -> Iterator[DomainError]:
    """CMP-04, CMP-06, CMP-01, CMP-02 and CMP-07 for one business."""
    if business.biz_status == BizStatus.COMPLETED:
        yield business_completed(business.doc_no)
        return
    if not figures.has_loans:
        yield refusals.not_disbursed(business.doc_no)
    if figures.outstanding:
        yield refusals.outstanding(
            business.doc_no,
            principal=figures.principal,
            interest=figures.interest,
            penalty=figures.penalty,
        )
    if others := open_documents(business, excluding=excluding):
        yield refusals.open_documents(business.doc_no, others)
    if unpaid := unpaid_of(business):
        yield refusals.unpaid(unpaid)


def release_steps(businesses: Sequence[BusinessApplication]) -> list[Step]:
    """What must be released: number of the business, security and step, in their order.

    A guarantor is let go; any other security is discharged and its title goes back.
    """
    steps: list[Step] = []
    for business in businesses:
        for item in business.guarantee_items.all():
            is_person = item.kind in GUARANTOR_KINDS
            needed = (
                (ReleaseStep.CANCEL,)
                if is_person
                else (ReleaseStep.RELEASE, ReleaseStep.RETURN_TITLE)
            )
            text = f"{item.get_kind_display()} {item.name}"
            steps += [(business.doc_no, text, step.value) for step in needed]
    return list(dict.fromkeys(steps))


def release_text(row: object) -> str:
    return f"{row.business_no} {row.security} {row.get_step_display()}"  # type: ignore[attr-defined]


def live_completions(application: BusinessApplication) -> list[str]:
    """What follows from a business; while there are any its application is not voided."""
    rows = CompletedBusiness.objects.filter(application=application).exclude(
        document__wf_status__in=(WfStatus.VOID, WfStatus.REJECTED)
    )
    return list(rows.values_list("document__doc_no", flat=True))

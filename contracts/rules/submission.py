"""What a review must keep to be submitted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from applications.choices import RepaymentMethod
from contracts.choices import Formality, PayeeKind
from contracts.models import ContractReview
from contracts.rules import refusals
from contracts.rules.cost import contract_cost_refusals
from contracts.rules.creation import other_review, unsignable
from contracts.rules.papers import binding_papers
from lending_crm.common.errors import DomainError


def submission_refusals(review: ContractReview, *, day: date) -> Iterator[DomainError]:
    """CTR-01 to CTR-15 and BUS-05, every one that applies."""
    application = review.application
    if reason := unsignable(application, day=day):
        yield reason
    if application.customer_id != review.customer_id:
        yield refusals.other_customer()
    if other := other_review(application, excluding=review.pk):
        yield refusals.review_exists(other)
    yield from _term_refusals(review)
    yield from contract_cost_refusals(review)
    yield from _list_refusals(review)
    yield from _payee_refusals(review)
    if review.first_verifier_id and review.first_verifier_id == review.second_verifier_id:
        yield refusals.same_verifier()
    taken = ContractReview.objects.filter(
        contract_no=review.contract_no, valid_application__isnull=False
    )
    if taken.exclude(pk=review.pk).exists():
        yield refusals.contract_no_taken(review.contract_no)


def _term_refusals(review: ContractReview) -> Iterator[DomainError]:
    application = review.application
    approved, term = application.approved_amount, application.approved_term
    if approved is not None and review.amount is not None and review.amount > approved:
        yield refusals.above_approved(approved)
    if term is not None and review.term_months is not None and review.term_months > term:
        yield refusals.longer_term(term)
    if review.annual_rate is not None and review.annual_rate != application.approved_rate:
        yield refusals.other_rate()
    if review.plan.strip() and review.method != RepaymentMethod.CUSTOM:
        yield refusals.plan_not_asked_for()
    methods = {line.method for line in application.lines.all()}
    if review.method and review.method not in methods:
        yield refusals.other_method()


def _list_refusals(review: ContractReview) -> Iterator[DomainError]:
    rows = list(review.formalities.all())
    missing = [row.get_item_display() for row in rows if row.is_needed and not row.is_complete]
    # What the loan cannot do without is neither taken off the list nor called unneeded.
    kept = {row.item for row in rows if row.is_needed}
    binding = binding_papers(review.application)
    missing += [str(item.label) for item in Formality if item in binding and item not in kept]
    if missing:
        yield refusals.formalities_missing(missing)
    unmet = [row.condition for row in review.conditions.all() if not row.is_met]
    if unmet:
        yield refusals.conditions_open(unmet)


def _payee_refusals(review: ContractReview) -> Iterator[DomainError]:
    is_own = review.payee_kind == PayeeKind.BORROWER
    if is_own and review.payee_name and review.payee_name != review.customer.name:
        yield refusals.other_payee()

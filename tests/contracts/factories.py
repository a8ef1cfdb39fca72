"""Set-up for the tests of contracts: an approved application and a review that lacks nothing."""

from __future__ import annotations

import itertools
from typing import Any

from applications.models import BusinessApplication
from contracts.kinds import CATEGORIES, KIND_CODE
from contracts.models import ContractReview
from documents.kinds import routed_kind
from documents.models import Attachment, StoredFile
from documents.services.drafts import create_draft, update_draft
from tests.applications.factories import Lender

_numbers = itertools.count(1)


def begin(lender: Lender, application: BusinessApplication, **given: Any) -> ContractReview:
    """A draft as the handler gets it from the approved application."""
    review: ContractReview = create_draft(
        kind=routed_kind(KIND_CODE),
        origin=application,
        actor=given.pop("actor", lender.am),
        now=lender.now,
        values={
            "contract_no": f"HT-{next(_numbers):04}",
            "contract_name": "借款合同",
            "signed_on": lender.now.date(),
        }
        | given,
    )
    return review


def fill(lender: Lender, review: ContractReview, **values: Any) -> ContractReview:
    """Everything that a submission asks for; ``values`` replace what is usual."""
    rows = values.pop("rows", {})
    formalities = [
        {**row, "is_complete": True}
        for row in routed_kind(KIND_CODE).table("formalities").typed(review)
    ]
    conditions = [
        {**row, "is_met": True} for row in routed_kind(KIND_CODE).table("conditions").typed(review)
    ]
    saved: ContractReview = update_draft(
        kind=routed_kind(KIND_CODE),
        document_id=review.pk,
        actor=lender.am,
        now=lender.now,
        values={
            "start_date": lender.now.date(),
            "payee_name": lender.customer.name,
            "payee_bank": "盛京银行",
            "payee_account": "2100500012345678",
            "first_verifier": lender.people.am,
            "second_verifier": lender.people.colleague,
        }
        | values,
        rows={"formalities": formalities, "conditions": conditions} | rows,
    )
    return saved


def attach_papers(review: ContractReview) -> None:
    for category in CATEGORIES:
        file = StoredFile.objects.create(
            sha256=f"c{next(_numbers):063x}",
            size=10,
            extension="pdf",
            mime="application/pdf",
            stored_by=review.handler,
            stored_at=review.created_at,
        )
        Attachment.objects.create(
            document=review.document_ptr,
            category=category.code,
            title=str(category.label),
            file=file,
            file_name="a.pdf",
            uploaded_by=review.handler,
            uploaded_at=review.created_at,
        )


def complete(lender: Lender, application: BusinessApplication, **values: Any) -> ContractReview:
    review = fill(lender, begin(lender, application), **values)
    attach_papers(review)
    return ContractReview.objects.get(pk=review.pk)

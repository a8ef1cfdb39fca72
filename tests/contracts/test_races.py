"""Two contract reviews of one application in the same second, on real connections (N7)."""

from __future__ import annotations

import pytest

from contracts.kinds import KIND_CODE
from contracts.models import ContractReview
from tests.applications.factories import Lender
from tests.applications.test_approval import again
from tests.applications.test_races import codes, together
from tests.contracts.factories import complete
from workflows.services.submission import submit_document

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def test_n07_ctr_08_two_reviews_are_submitted_at_once(transactional_db, now):
    lender = Lender(now)
    application = lender.approved()
    pair = [complete(lender, application) for _ in range(2)]
    results = together(
        *(
            lambda each=each: submit_document(
                kind=KIND_CODE, document_id=each.pk, actor=again(lender.am), now=now
            )
            for each in pair
        )
    )
    assert codes(results) == ["CTR-08"], results
    assert ContractReview.objects.exclude(valid_application=None).count() == 1

"""表决: a member's vote is his decision on his work item; the engine keeps and counts it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from lending_crm.common.errors import not_found
from lending_crm.common.text import clean_text
from riskcommittee import errors
from riskcommittee.choices import Opinion
from riskcommittee.models import CommitteeSession
from riskcommittee.rules import check_amounts, check_open, check_voter
from riskcommittee.selectors import proceedings_of
from staff.models import Employee
from workflows.act import lock_case, was_done_before
from workflows.models import Case
from workflows.services import decisions


@transaction.atomic
def cast_vote(
    *,
    session_id: int,
    actor: Employee,
    now: datetime,
    opinion: Opinion,
    reason: str,
    terms: Mapping[str, Any] | None = None,
    conditions: Sequence[str] = (),
    idempotency_key: str | None = None,
) -> CommitteeSession:
    """Vote once, by name, with a reason; a repeat under the same key changes nothing.

    ``terms`` are the proposed amount, term and rate of an approving vote, in the document's
    own names. Raises RCM-02 and RCM-05 for who has no vote, RCM-03 for a second vote, RCM-15
    when the session is over, RCM-04 without a reason, RCM-08 above the request, RCM-07 for
    the chair before the others, and what the engine raises for any decision.
    """
    session = CommitteeSession.objects.filter(pk=session_id).first()
    if session is None:
        raise not_found()
    case = lock_case(pk=session.case_id)
    if was_done_before(case, actor, idempotency_key):
        return session
    session = CommitteeSession.objects.select_related("case", "stage").get(pk=session_id)
    found = proceedings_of(session)
    check_voter(next((seat for seat in found.seats if seat.employee_id == actor.pk), None))
    row = found.row_of(actor)
    if row is not None and row.has_voted:
        raise errors.voted_already()
    check_open(session)
    if row is None or row.item is None:
        raise errors.not_member()
    if not clean_text(reason):
        raise errors.reason_missing()
    proposed = terms or {}
    check_amounts(session.case, found.terms, proposed)
    common = {
        "item_id": row.item.pk,
        "actor": actor,
        "now": now,
        "opinion": reason,
        "idempotency_key": idempotency_key,
    }
    _decide(opinion, common, proposed, conditions)
    return session


def _decide(
    opinion: Opinion, common: dict[str, Any], terms: Mapping[str, Any], conditions: Sequence[str]
) -> Case:
    match opinion:
        case Opinion.APPROVE:
            return decisions.approve(**common, terms=terms)
        case Opinion.CONDITIONS:
            return decisions.approve(**common, terms=terms, conditions=conditions)
        case Opinion.REJECT:
            return decisions.reject(**common)
        case Opinion.INVESTIGATE:
            return decisions.investigate(**common)

"""风控委员会表决表 and 会议纪要 on paper, counted with the prints of the document itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from documents.models import PrintRecord
from documents.printing import PrintMark, company_name, content_hash, record_print, render_pdf
from documents.printing.forms import LANGUAGE
from lending_crm.common.errors import not_found
from riskcommittee.choices import SessionState
from riskcommittee.models import CommitteeSession
from riskcommittee.selectors import BallotRow, Proceedings, names_of, proceedings_of
from staff.models import Employee
from workflows.kinds import kind_for
from workflows.models import WorkItem

FORMS: dict[str, Promise] = {
    "votes": pgettext_lazy("committee form", "Risk committee voting form"),
    "minutes": pgettext_lazy("committee form", "Risk committee minutes"),
}


def print_session(
    *, session: CommitteeSession, form: str, actor: Employee, now: datetime
) -> PrintRecord:
    """A form of a session that is over, as PDF; the caller has checked that ``actor`` sees it.

    Raises ``not_found()`` for a form that there is not, and while votes may still be cast:
    paper must not tell what the screen keeps secret.
    """
    if form not in FORMS or session.state != SessionState.CLOSED:
        raise not_found()
    found = proceedings_of(session)
    with translation.override(LANGUAGE):
        title = str(FORMS[form])
        content = _content(found)
    digest = content_hash({"form": form, **content})
    document = kind_for(session.case.document_kind).get(session.case.document_id)

    def draw(number: int) -> bytes:
        mark = PrintMark(number, now, f"{actor.name}({actor.employee_no})", digest)
        context = {
            **content,
            "mark": mark,
            "form_title": title,
            "doc_no": session.number,
            "company": company_name(),
            "secrecy": pgettext_lazy("approval form", "Internal"),
        }
        return render_pdf(f"riskcommittee/print/{form}.html", context, language=LANGUAGE)

    return record_print(
        document=document,
        form=f"{session.number} {title}"[:40],
        actor=actor,
        now=now,
        sha256=digest,
        draw=draw,
    )


def _content(found: Proceedings) -> dict[str, Any]:
    """What the papers say, as plain values."""
    session, case = found.session, found.session.case
    return {
        "subject": case.subject,
        "document_number": case.doc_no,
        "party": case.party,
        "requested": case.amount,
        "held_on": session.held_on,
        "mode": str(session.get_mode_display()),
        "place": session.place,
        "chair": "、".join(names_of(found.people_voting("CHAIR"))),
        "members": "、".join(names_of(found.people_voting("MEMBER"))),
        "absent": "、".join(r.seat.employee.name for r in found.rows if r.seat.is_absent),
        "recused": "、".join(names_of(found.recused)),
        "secretary": found.secretary.name,
        "observers": "、".join(names_of(found.observers)),
        "quorum": session.quorum,
        "present": session.present,
        "approving": session.approving,
        "rejecting": session.rejecting,
        "investigating": session.investigating,
        "result": str(session.get_result_display()),
        "agreed": session.agreed_amount,
        "terms": found.agreed_terms,
        "ballots": [_ballot(r, r.item) for r in found.rows if r.item and r.has_voted],
        "conditions": [text for r in found.rows if r.item for text in r.item.conditions],
    }


def _ballot(row: BallotRow, item: WorkItem) -> dict[str, Any]:
    return {
        "name": row.seat.employee.name,
        "role": str(row.seat.get_role_display()),
        "opinion": str(row.opinion),
        "reason": item.opinion,
        "terms": row.terms,
        "at": f"{timezone.localtime(item.decided_at):%Y-%m-%d %H:%M}",
    }

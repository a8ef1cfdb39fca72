"""风控委员会: the list, convening, the session's page, the vote on a phone, the projector."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from customers.views.request import done, status_of
from documents.responses import client_ip, file_response
from documents.services.downloads import hand_out
from documents.services.prints import fresh_print
from lending_crm.common.errors import DomainError, not_found
from lending_crm.common.pagination import paginate
from riskcommittee import errors
from riskcommittee.choices import SessionState
from riskcommittee.forms import AttendanceForm, CloseForm, ConveneForm, VoteForm
from riskcommittee.models import CommitteeSession
from riskcommittee.rules import check_convenor, check_voter, may_convene
from riskcommittee.selectors import (
    Proceedings,
    open_session,
    proceedings_of,
    to_convene,
    vote_stage,
)
from riskcommittee.services.prints import FORMS, print_session
from riskcommittee.services.sessions import close_session, convene, record_attendance
from riskcommittee.services.votes import cast_vote
from staff.forms.refusals import show_refusals
from staff.views.request import actor_of
from workflows.kinds import kind_for
from workflows.models import Case

#: how many waiting cases stand above the list; the oldest come first
_WAITING_SHOWN = 10


@login_required
@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    """Sessions, newest first; for who convenes, the cases that wait for one stand above."""
    user = actor_of(request)
    rows = CommitteeSession.objects.visible_to(user).select_related("case", "stage")
    text = request.GET.get("q", "").strip()[:100]
    if text:
        rows = rows.filter(number__icontains=text) | rows.filter(case__subject__icontains=text)
    context = {
        "page": paginate(rows, order=("-convened_at", "-id"), cursor=request.GET.get("cursor")),
        "waiting": to_convene()[:_WAITING_SHOWN] if may_convene(user) else [],
        "may_convene": may_convene(user),
        "q": text,
    }
    return render(request, "riskcommittee/session_list.html", context)


@login_required
def convene_page(request: HttpRequest, case_id: int) -> HttpResponse:
    user = actor_of(request)
    case = Case.objects.visible_to(user).select_related("branch").filter(pk=case_id).first()
    if case is None:
        raise not_found()
    check_convenor(user)
    stage = vote_stage(case)
    if stage is None:
        raise errors.not_at_a_vote()
    earlier = open_session(stage)
    if earlier is not None:
        raise errors.session_is_open(earlier.number)
    form = ConveneForm(
        request.POST or None,
        request.FILES or None,
        case=case,
        stage=stage,
        initial={"held_on": timezone.localdate(), "secretary": user.pk},
    )
    if request.method == "POST" and form.is_valid():
        try:
            session = convene(case_id=case.pk, actor=user, now=timezone.now(), **form.cleaned_data)
        except DomainError as refusal:
            show_refusals(form, refusal)
        else:
            return done(request, session.get_absolute_url(), _("The session is convened."))
    context = {"case": case, "form": form}
    return render(request, "riskcommittee/convene.html", context, status=status_of(form))


@login_required
@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _detail(request, _load(request, pk))


@login_required
def vote_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The ballot, made for a phone; who has voted sees his vote."""
    user = actor_of(request)
    session = _load(request, pk)
    found = proceedings_of(session)
    check_voter(next((seat for seat in found.seats if seat.employee_id == user.pk), None))
    form = VoteForm(request.POST or None, found=found)
    if request.method == "POST" and form.is_valid():
        try:
            cast_vote(session_id=pk, actor=user, now=timezone.now(), **form.arguments())
        except DomainError as refusal:
            show_refusals(form, refusal)
            found = proceedings_of(_load(request, pk))
        else:
            return done(request, request.path, _("Your vote is recorded."))
    row = found.row_of(user)
    others = [person for person in found.waiting if person.pk != user.pk]
    context = {
        "session": session,
        "form": form,
        "row": row,
        "found": found,
        "others": others,
        "may_vote": found.may_vote(user) or form.is_bound,
    }
    return render(request, "riskcommittee/vote.html", context, status=status_of(form))


@login_required
@require_POST
def attendance(request: HttpRequest, pk: int) -> HttpResponse:
    session = _load(request, pk)
    form = AttendanceForm(request.POST, rows=proceedings_of(session).rows)
    if form.is_valid():
        try:
            record_attendance(
                session_id=pk,
                actor=actor_of(request),
                now=timezone.now(),
                absent=list(form.cleaned_data["absent"]),
            )
        except DomainError as refusal:
            show_refusals(form, refusal)
        else:
            return done(request, session.get_absolute_url(), _("The attendance is recorded."))
    return _detail(request, session, attendance_form=form)


@login_required
@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """A missing file is the service's to refuse, after it has asked who may close."""
    session = _load(request, pk)
    form = CloseForm(request.POST, request.FILES)
    upload = form.cleaned_data.get("minutes") if form.is_valid() else None
    if upload is not None or not request.FILES:
        try:
            close_session(
                session_id=pk, actor=actor_of(request), now=timezone.now(), minutes=upload
            )
        except DomainError as refusal:
            form.errors.clear()
            show_refusals(form, refusal)
        else:
            return done(request, session.get_absolute_url(), _("The session is closed."))
    return _detail(request, session, close_form=form)


@login_required
@require_GET
def board(request: HttpRequest, pk: int) -> HttpResponse:
    """For the projector of the meeting room: large, and it follows the vote by itself."""
    return render(request, "riskcommittee/board.html", _board(request, pk))


@login_required
@require_GET
def board_live(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "riskcommittee/_board.html", _board(request, pk))


@login_required
@require_GET
def download(request: HttpRequest, pk: int, which: str) -> FileResponse:
    session = _load(request, pk)
    files = {
        "report": (session.risk_report, session.risk_report_name),
        "minutes": (session.minutes, session.minutes_name),
    }
    file, name = files.get(which, (None, ""))
    if file is None:
        raise not_found()
    handed = hand_out(
        file=file,
        file_name=name,
        actor=actor_of(request),
        now=timezone.now(),
        ip=client_ip(request),
    )
    return file_response(handed)


@login_required
@require_GET
def print_form(request: HttpRequest, pk: int, form: str) -> FileResponse:
    session = _load(request, pk)
    record = print_session(session=session, form=form, actor=actor_of(request), now=timezone.now())
    return file_response(fresh_print(record))


def _load(request: HttpRequest, pk: int) -> CommitteeSession:
    session = (
        CommitteeSession.objects.visible_to(actor_of(request))
        .select_related("case", "stage", "risk_report", "minutes", "convened_by", "closed_by")
        .filter(pk=pk)
        .first()
    )
    if session is None:
        raise not_found()
    return session


def _board(request: HttpRequest, pk: int) -> dict[str, Any]:
    session = _load(request, pk)
    return {"session": session, "found": proceedings_of(session)}


def _detail(request: HttpRequest, session: CommitteeSession, **forms: Any) -> HttpResponse:
    user = actor_of(request)
    found = proceedings_of(session)
    keeps = may_convene(user) and session.is_open
    kind = kind_for(session.case.document_kind)
    context: dict[str, Any] = {
        "session": session,
        "case": session.case,
        "found": found,
        "kind": kind,
        "document_url": kind.url(session.case.document_id),
        "sees_case": Case.objects.visible_to(user).filter(pk=session.case_id).exists(),
        "sees_ballots": found.is_open_to(user),
        "may_vote": found.may_vote(user),
        "is_keeper": keeps,
        "print_forms": FORMS.items() if session.state == SessionState.CLOSED else (),
    }
    if keeps:
        context |= _keeper_forms(found)
    context |= forms
    bound = next((form for form in forms.values()), None)
    status = status_of(bound) if bound is not None else 200
    return render(request, "riskcommittee/session_detail.html", context, status=status)


def _keeper_forms(found: Proceedings) -> dict[str, Any]:
    absent = [row.seat.employee_id for row in found.rows if row.seat.is_absent]
    rows = [row for row in found.rows if row.seat.role == "MEMBER"]
    return {
        "attendance_form": AttendanceForm(rows=rows, initial={"absent": absent}),
        "close_form": CloseForm(),
    }

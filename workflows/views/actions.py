"""Every act on a work item or a case: parse, load what the user may see, call one service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from django_htmx.http import HttpResponseClientRedirect

from lending_crm.common.errors import DomainError, not_found, refuse_all
from workflows import forms
from workflows.models import Case, WorkItem
from workflows.permits import check_permit
from workflows.screens.inbox import InboxFilter, next_item
from workflows.services import (
    administration,
    collaboration,
    corrections,
    decisions,
    items,
    signers,
    submission,
)
from workflows.views.cases import case_or_404
from workflows.views.overtaken import OVERTAKEN, overtaken


@dataclass(frozen=True)
class Act:
    """One act: its service, its form, what is said when it is done."""

    service: Callable[..., Any]
    form: type[forms.ActForm]
    done: Any
    moves_on: bool = False


ITEM_ACTS = {
    "approve": Act(decisions.approve, forms.ApproveForm, _("Approved."), True),
    "approve_with_conditions": Act(
        decisions.approve, forms.ConditionsForm, _("Approved with conditions."), True
    ),
    "return": Act(decisions.return_case, forms.ReturnForm, _("Returned."), True),
    "reject": Act(decisions.reject, forms.OpinionForm, _("Rejected."), True),
    "abstain": Act(decisions.abstain, forms.OpinionForm, _("Abstained."), True),
    "transfer": Act(items.transfer, forms.RecipientForm, _("Transferred."), True),
    "add_signers": Act(signers.add_signers, forms.AddSignersForm, _("Signers were asked.")),
    "remove_signers": Act(
        signers.remove_signers, forms.RemoveSignersForm, _("They need not answer any more.")
    ),
    "delegate": Act(signers.delegate, forms.RecipientForm, _("The delegate was asked.")),
    "answer": Act(signers.answer, forms.OpinionForm, _("Answered."), True),
    "claim": Act(items.claim, forms.ActForm, _("Claimed.")),
    "release": Act(items.release, forms.ActForm, _("Released."), True),
    "take_back": Act(items.take_back, forms.ActForm, _("Taken back.")),
    "request_material": Act(
        collaboration.request_material, forms.MaterialForm, _("The handler was asked for material.")
    ),
    "correct": Act(
        corrections.correct_document, forms.CorrectForm, _("The document was corrected.")
    ),
    "close_vote": Act(decisions.close_vote, forms.ActForm, _("The vote is closed.")),
}
CASE_ACTS = {
    "withdraw": Act(submission.withdraw_case, forms.ReasonForm, _("Withdrawn.")),
    "comment": Act(collaboration.comment, forms.CommentForm, _("The comment was added.")),
    "copy": Act(collaboration.copy_case, forms.CopyForm, _("Copies were sent.")),
    "urge": Act(collaboration.urge, forms.UrgeForm, _("The approvers were reminded.")),
    "suspend": Act(administration.suspend_case, forms.ReasonForm, _("Suspended.")),
    "resume": Act(administration.resume_case, forms.ReasonForm, _("The case goes on.")),
    "jump": Act(administration.jump_to_stage, forms.JumpForm, _("Moved.")),
    "terminate": Act(administration.terminate_case, forms.ReasonForm, _("Terminated.")),
}
REASSIGN = Act(items.reassign, forms.ReassignForm, _("Reassigned."))


def _perform(request: HttpRequest, act: Act, **target: int) -> None:
    """Read the form and call the service; whoever may not act hears that before all else."""
    form = act.form(request.POST)
    now = timezone.now()
    if not form.is_valid():
        check_permit(act.service, actor=request.user, now=now, **target)
        refuse_all(
            DomainError("SYS-422", error, status=422, field=name)
            for name, errors in form.errors.items()
            for error in errors
        )
    act.service(actor=request.user, now=now, **target, **form.arguments())
    messages.success(request, act.done)


@login_required
@require_POST
def act_on_item(request: HttpRequest, item_id: int, action: str) -> HttpResponse:
    act = ITEM_ACTS.get(action)
    item = WorkItem.objects.select_related("case").filter(pk=item_id).first()
    if act is None or item is None or not _sees(request, item.case_id):
        raise not_found()
    return _answer(request, act, action, item.case_id, item, item_id=item_id)


@login_required
@require_POST
def act_on_case(request: HttpRequest, case_id: int, action: str) -> HttpResponse:
    act = CASE_ACTS.get(action)
    if act is None or not _sees(request, case_id):
        raise not_found()
    return _answer(request, act, action, case_id, case_id=case_id)


@login_required
@require_POST
def reassign(request: HttpRequest, case_id: int) -> HttpResponse:
    if not _sees(request, case_id):
        raise not_found()
    return _answer(request, REASSIGN, "reassign", case_id, case_id=case_id)


def _answer(
    request: HttpRequest,
    act: Act,
    action: str,
    of_case: int,
    item: WorkItem | None = None,
    **target: int,
) -> HttpResponse:
    """Where the act leads; to who acted on what is there no longer, the state of now."""
    try:
        _perform(request, act, **target)
    except DomainError as refusal:
        if refusal.status not in OVERTAKEN or not request.htmx or not _sees(request, of_case):
            raise
        return overtaken(request, case_or_404(request, of_case), action, refusal)
    return _go_on(request, of_case, item if act.moves_on else None)


def _sees(request: HttpRequest, case_id: int) -> bool:
    return Case.objects.visible_to(request.user).filter(pk=case_id).exists()


def _go_on(request: HttpRequest, case_id: int, decided: WorkItem | None) -> HttpResponse:
    """Back to where the act came from; in the inbox a decision opens the next case."""
    came_from = request.POST.get("return_to", "")
    inbox = reverse("workflows:inbox")
    target = reverse("workflows:case", args=[case_id])
    if came_from.startswith(f"{inbox}?") and url_has_allowed_host_and_scheme(came_from, None):
        wanted = InboxFilter.of(_query(came_from))
        chosen: Any = case_id
        if decided is not None:
            following = next_item(request.user, wanted, decided)
            chosen = following.case_id if following else None
        target = f"{inbox}?{wanted.query(case=chosen)}"
    elif not Case.objects.visible_to(request.user).filter(pk=case_id).exists():
        target = inbox
    return HttpResponseClientRedirect(target) if request.htmx else redirect(target)


def _query(address: str) -> QueryDict:
    return QueryDict(address.partition("?")[2])

"""The engine's refusals, with the codes and sentences of domain.md §2.2."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError
from lending_crm.common.money import format_amount
from workflows.bpmn.findings import Finding
from workflows.choices import CaseState


def own_document() -> DomainError:
    return DomainError(
        "WF-01", _("You cannot approve a document you created or handle."), status=403
    )


def decided_already() -> DomainError:
    return DomainError(
        "WF-02",
        _("You have already decided on this document in this round."),
        status=409,
    )


def not_assigned() -> DomainError:
    return DomainError("WF-03", _("The current step is not assigned to you."), status=403)


def wrong_state(state: str) -> DomainError:
    return DomainError(
        "WF-05",
        _("The document is already %(status)s; this action is not allowed."),
        params={"status": CaseState(state).label},
    )


def opinion_missing() -> DomainError:
    return DomainError("WF-06", _("An opinion is required."), status=422, field="opinion")


def reason_too_short(length: int) -> DomainError:
    return DomainError(
        "WF-07",
        _("A reason of at least %(n)s characters is required."),
        status=422,
        field="opinion",
        params={"n": length},
    )


def no_flow() -> DomainError:
    return DomainError("WF-10", _("No approval flow matches; ask the administrator."))


def no_approver(stage: str) -> DomainError:
    return DomainError(
        "WF-11", _('Step "%(step)s" has no available approver.'), params={"step": stage}
    )


def related_party() -> DomainError:
    return DomainError(
        "WF-17", _("You are a related party of this case and must abstain."), status=403
    )


def stale() -> DomainError:
    return DomainError(
        "WF-12", _("The document was changed by someone else; refresh and try again.")
    )


def decision_is_final() -> DomainError:
    return DomainError("WF-13", _("The final decision is made; it cannot be withdrawn."))


def handler_cannot_receive() -> DomainError:
    return DomainError(
        "WF-14",
        _("The handler cannot receive this task."),
        status=422,
        field="recipient",
    )


def delegation_over(name: str) -> DomainError:
    return DomainError(
        "WF-61",
        _("Your delegation for %(name)s has ended; the work item goes back to him."),
        params={"name": name},
        status=403,
    )


def fields_not_editable(names: list[str]) -> DomainError:
    return DomainError(
        "WF-62",
        _("This step does not open these fields to correction: %(names)s."),
        status=403,
        params={"names": ", ".join(names) or "—"},
    )


def attachment_missing() -> DomainError:
    return DomainError(
        "WF-63",
        _("This step asks for an attachment of yours: add it as a supplementary attachment first."),
        status=422,
    )


def signature_missing() -> DomainError:
    return DomainError(
        "WF-64",
        _("This step asks for your signature: keep one in your profile (/profile/signature/)."),
        status=422,
    )


def bad_value(field: str, label: str, reason: str) -> DomainError:
    return DomainError(
        "WF-67",
        _("%(label)s: %(reason)s"),
        status=422,
        field=field,
        params={"label": label, "reason": reason},
    )


def nothing_changed() -> DomainError:
    return DomainError("WF-68", _("Nothing was changed."), status=422)


def above_ceiling(name: str) -> DomainError:
    return DomainError(
        "WF-65",
        _("The amount is above the ceiling that %(name)s set for his delegate."),
        params={"name": name},
    )


def above_authority(limit: Decimal | None, amount: Decimal) -> DomainError:
    return DomainError(
        "WF-15",
        _("Your limit is %(limit)s; this case of %(amount)s must go to a higher level."),
        status=403,
        params={
            "limit": "" if limit is None else format_amount(limit),
            "amount": format_amount(amount),
        },
    )


def steps_were_added(steps: Sequence[str]) -> DomainError:
    return DomainError(
        "WF-15",
        _(
            "What has changed since the submission asks for %(steps)s, too. Return the document"
            " so that it is submitted again."
        ),
        params={"steps": "、".join(steps)},
    )


def not_allowed_here(action: str | Promise) -> DomainError:
    """The stage's settings do not offer the action."""
    return DomainError(
        "WF-18",
        _('"%(action)s" is not allowed at this step.'),
        status=403,
        params={"action": action},
    )


def bad_target() -> DomainError:
    return DomainError(
        "WF-19",
        _("Choose a step that has decided on this case already."),
        status=422,
        field="target",
    )


def bad_recipient(reason: str | Promise) -> DomainError:
    return DomainError("WF-20", reason, status=422, field="recipient")


def taken_back_too_late() -> DomainError:
    return DomainError("WF-21", _("The next step has acted already; it cannot be taken back."))


def final_decision_stays() -> DomainError:
    return DomainError("WF-21", _("The final decision is made; it cannot be taken back."))


def return_was_taken_up() -> DomainError:
    return DomainError(
        "WF-21", _("Somebody has acted on what was returned; the return cannot be taken back.")
    )


def moved_on_since() -> DomainError:
    return DomainError(
        "WF-21",
        _("The case was moved to another version of its flow since; it cannot be taken back."),
    )


def urged_recently(minutes: int) -> DomainError:
    return DomainError(
        "WF-22",
        _("The approvers were urged less than %(n)s minutes ago."),
        status=429,
        params={"n": minutes},
    )


def claimed_by_other(name: str) -> DomainError:
    return DomainError(
        "WF-23",
        _("%(name)s has claimed this work item already."),
        params={"name": name},
    )


def must_claim() -> DomainError:
    return DomainError("WF-24", _("Claim the work item before you decide on it."))


def no_quorum(present: int, quorum: int) -> DomainError:
    return DomainError(
        "RCM-01",
        _("%(x)s present, quorum is %(y)s."),
        params={"x": present, "y": quorum},
    )


def condition_missing() -> DomainError:
    return DomainError("WF-26", _("State at least one condition."), status=422, field="conditions")


def too_long(field: str, limit: int) -> DomainError:
    return DomainError(
        "WF-27",
        _("At most %(n)s characters are allowed here."),
        status=422,
        field=field,
        params={"n": limit},
    )


def not_handler() -> DomainError:
    return DomainError("WF-29", _("Only the handler of the document may do this."), status=403)


def veto_holder_missing() -> DomainError:
    return DomainError("WF-25", _("The vote cannot be closed before the chair has voted."))


def terms_not_allowed(names: list[str]) -> DomainError:
    return DomainError(
        "WF-30",
        _("This step may not set: %(names)s."),
        status=422,
        params={"names": ", ".join(names)},
    )


def not_parked() -> DomainError:
    return DomainError("TIM-03", _("This is not parked any more; look again."), status=409)


def key_used_elsewhere() -> DomainError:
    return DomainError("SYS-409", _("This idempotency key belongs to another request."), status=409)


def administrators_only() -> DomainError:
    return DomainError("WF-31", _("Only an information administrator may do this."), status=403)


def replay_size(most: int) -> DomainError:
    return DomainError(
        "FLOW-31",
        _("Replay between 1 and %(n)s finished cases."),
        status=422,
        field="last",
        params={"n": most},
    )


def route_unreadable(findings: Sequence[Finding]) -> DomainError:
    return DomainError(
        "FLOW-32",
        _("The route cannot be read: %(reasons)s"),
        status=422,
        params={"reasons": " ".join(finding.message for finding in findings)},
    )


def business_is_hidden() -> DomainError:
    """An administrator sees that a case stopped and who could decide, nothing else of it."""
    return DomainError(
        "WF-32",
        _("You see this case as an administrator only; its business is not open to you."),
        status=403,
    )


def suspended() -> DomainError:
    return DomainError(
        "WF-40",
        _(
            "An administrator has suspended this case. Nobody can act on it until it is resumed; "
            "the reason is in the history."
        ),
    )


def not_suspended() -> DomainError:
    return DomainError("WF-41", _("The case is not suspended."))


def bad_jump_target() -> DomainError:
    return DomainError(
        "WF-42",
        _("Choose a step of this case's route at which the case does not stand already."),
        status=422,
        field="target",
    )


def own_case() -> DomainError:
    return DomainError(
        "WF-43",
        _("You created or handle this document, so another administrator must do this."),
        status=403,
    )


def migrate_to_published() -> DomainError:
    return DomainError("FLOW-33", _("Running cases are moved to the published version only."))


def bad_mapping(step: str) -> DomainError:
    return DomainError(
        "FLOW-34",
        _('"%(step)s" is not a step of the new version.'),
        status=422,
        field="mapping",
        params={"step": step},
    )


def migration_not_ready() -> DomainError:
    return DomainError("FLOW-35", _("The cases are still being checked; wait for the result."))


def migration_over() -> DomainError:
    return DomainError("FLOW-36", _("This migration has begun or ended; it cannot be changed."))


def nobody_could_act() -> DomainError:
    return DomainError("FLOW-37", _("Nobody could act on the case afterwards; it was not moved."))

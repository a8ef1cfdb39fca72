"""Refusals about whom somebody asks: signers, delegates, and people who are chosen."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError


def not_your_turn() -> DomainError:
    return DomainError("WF-70", _("Others answer first; your turn comes when they have."))


def answer_only() -> DomainError:
    """A delegate gives his answer; the decision stays with the owner of the item."""
    return DomainError(
        "WF-71", _("You are asked for an answer; the owner of the item decides."), status=403
    )


def nobody_chosen() -> DomainError:
    return DomainError("WF-72", _("Choose at least one person."), status=422, field="people")


def too_many_people(limit: int) -> DomainError:
    return DomainError(
        "WF-72",
        _("At most %(n)s people can be chosen."),
        status=422,
        field="people",
        params={"n": limit},
    )


def bad_position() -> DomainError:
    return DomainError(
        "WF-73", _("Choose before, beside or after yourself."), status=422, field="position"
    )


def bad_person(name: str, refusal: DomainError) -> DomainError:
    """A refusal about one of several people, with his name in front."""
    return DomainError(
        refusal.code,
        _("%(name)s: %(reason)s"),
        status=refusal.status,
        field="people",
        params={"name": name, "reason": refusal.sentence},
    )


def holds_step_already() -> DomainError:
    """Through another pool of the step; two items of one person would be two voices."""
    return DomainError("WF-20", _("You hold another item of this step; act on that one."))


def not_your_signer(name: str) -> DomainError:
    return DomainError(
        "WF-74",
        _("%(name)s was not asked by you, or has answered already."),
        status=422,
        field="people",
        params={"name": name},
    )


def choice_missing(stage: str, node_id: str) -> DomainError:
    return DomainError(
        "WF-75",
        _("Choose who decides at “%(step)s”."),
        status=422,
        field=f"choices.{node_id}",
        params={"step": stage},
    )


def bad_choice(stage: str, node_id: str) -> DomainError:
    return DomainError(
        "WF-76",
        _("Whom you chose for “%(step)s” cannot decide there; choose from the list."),
        status=422,
        field=f"choices.{node_id}",
        params={"step": stage},
    )


def too_many_chosen(limit: int, node_id: str) -> DomainError:
    return DomainError(
        "WF-72",
        _("At most %(n)s people can be chosen."),
        status=422,
        field=f"choices.{node_id}",
        params={"n": limit},
    )


def nothing_to_choose(node_id: str) -> DomainError:
    return DomainError(
        "WF-77",
        _("Nobody is chosen at “%(step)s” by you."),
        status=422,
        field="choices",
        params={"step": node_id[:60]},
    )

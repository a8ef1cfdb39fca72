"""主持表决: a committee's session conducts the vote of a stage.

The engine counts the votes and knows nothing of sessions. The app that keeps them registers
here; while it conducts a vote, a ballot has to fit its rules too, and the vote ends only when
the session counts it (``counting.count_votes``), however certain the result is before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from lending_crm.common.errors import DomainError
    from workflows.act import Act
    from workflows.bpmn.model import StageAction
    from workflows.models import Case, Stage, WorkItem


class VoteConduct(Protocol):
    """Asked under the case's lock, in the transaction of the act."""

    def conducts(self, stage: Stage) -> bool:
        """Whether the vote of the stage is in the hands of a session now."""

    def obstacle(self, case: Case, stage: Stage) -> DomainError | None:
        """Why nobody can vote at the stage yet: its session has not been convened."""

    def check_ballot(self, act: Act, item: WorkItem, action: StageAction) -> None:
        """Raise what forbids this ballot; quiet for a vote that needs no session."""


_conducts: list[VoteConduct] = []


def register_vote_conduct(conduct: VoteConduct) -> None:
    """Called from ``apps.py`` of the app that keeps the sessions."""
    _conducts.append(conduct)


def is_conducted(stage: Stage) -> bool:
    return any(conduct.conducts(stage) for conduct in _conducts)


def obstacle(case: Case, stage: Stage) -> DomainError | None:
    """What keeps everybody from voting at the stage now; None where the vote is open."""
    found = (conduct.obstacle(case, stage) for conduct in _conducts)
    return next((reason for reason in found if reason is not None), None)


def check_ballot(act: Act, item: WorkItem, action: StageAction) -> None:
    for conduct in _conducts:
        conduct.check_ballot(act, item, action)

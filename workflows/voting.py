"""票签: what the votes so far mean. Pure; people and rows are elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from workflows.bpmn.model import VoteSettings
from workflows.choices import APPROVING, Decision


class Verdict(StrEnum):
    OPEN = "OPEN"
    PASSED = "PASSED"
    REJECTED = "REJECTED"
    RETURNED = "RETURNED"


@dataclass(frozen=True)
class Ballot:
    """One member's seat: what he voted (empty while he has not) and what it counts."""

    decision: str
    weight: int = 1
    has_veto: bool = False


@dataclass(frozen=True)
class Tally:
    asked: int
    voted: int
    approving: int
    rejecting: int
    quorum: Fraction
    #: of those neither for nor against, who ask to investigate further (补充调查)
    investigating: int = 0

    @property
    def abstaining(self) -> int:
        """Present, and neither for nor against: it counts for the quorum and in the ratio."""
        return self.voted - self.approving - self.rejecting

    @property
    def has_quorum(self) -> bool:
        return self.asked > 0 and self.voted >= self.quorum * self.asked

    @property
    def quorum_weight(self) -> int:
        """The smallest weight that makes the quorum."""
        needed = self.quorum * self.asked
        return -(-needed.numerator // needed.denominator)


def tally(ballots: Sequence[Ballot], settings: VoteSettings) -> Tally:
    voted = [b for b in ballots if b.decision]
    return Tally(
        asked=sum(b.weight for b in ballots),
        voted=sum(b.weight for b in voted),
        approving=sum(b.weight for b in voted if b.decision in APPROVING),
        rejecting=sum(b.weight for b in voted if b.decision == Decision.REJECT),
        quorum=settings.quorum,
        investigating=sum(b.weight for b in voted if b.decision == Decision.INVESTIGATE),
    )


def verdict(
    ballots: Sequence[Ballot], settings: VoteSettings, *, is_closing: bool = False
) -> Verdict:
    """What is certain by now.

    A veto holder's rejection rejects at once; a pass needs every veto holder's vote
    (the chair votes last). Otherwise the vote is decided early only when no vote that is
    still out can change it. ``is_closing`` counts those present, and rejects nothing for
    want of quorum: the caller refuses to close without it. An empty list never passes.
    Where more than half of those present ask to investigate further, the case goes back
    whatever the chair says: there is no pass that he could veto.
    """
    count = tally(ballots, settings)
    if is_closing and count.has_quorum and 2 * count.investigating > count.voted:
        return Verdict.RETURNED
    if any(b.has_veto and b.decision == Decision.REJECT for b in ballots):
        return Verdict.REJECTED
    if count.asked == 0:
        return Verdict.OPEN
    out = count.asked - count.voted
    veto_is_out = any(b.has_veto and not b.decision for b in ballots)
    if is_closing or out == 0:
        if not count.has_quorum or veto_is_out:
            return Verdict.OPEN
        passed = count.approving >= settings.pass_ratio * count.voted
        return Verdict.PASSED if passed else Verdict.REJECTED
    if count.approving + out < settings.pass_ratio * count.asked:
        return Verdict.REJECTED
    if (
        count.has_quorum
        and not veto_is_out
        and count.approving >= settings.pass_ratio * count.asked
    ):
        return Verdict.PASSED
    return Verdict.OPEN

"""Where two people meet: cases prepared so that each act of the engine can be done somewhere.

Each scene gives two hands: the same item twice, or two items of one case.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from itertools import combinations_with_replacement
from typing import Any

from staff.models import Employee, Role, RoleAssignment
from staff.services.delegations import give_delegation
from tests.workflows.acting import ACTS, LACKING, MOVES_NOTHING, ON_ITEM, Hand
from tests.workflows.random_routes import side_by_side
from tests.workflows.test_migration import checked, started
from tests.workflows.toy import ToyConduct
from tests.workflows.world import NOW, TOY, World, by_role, fresh, stage
from workflows.bpmn.chain import Chain, ChainStage, from_chain
from workflows.bpmn.model import DecideMode, Definition, RoleReach, VoteSettings
from workflows.choices import LIVE, TimerKind, TimerState
from workflows.models import Case, FlowVersion, Timer, WorkItem

Scene = Callable[[World], list[Hand]]

_HEAD = RoleReach.HEAD_OFFICE


def _stage(node_id: str, *rules: Any, **values: Any) -> ChainStage:
    values.setdefault("duty_line", "MANAGEMENT")
    values.setdefault("editable_fields", ("subject",))
    return stage(node_id, *rules, **values)


def _chain(*nodes: ChainStage) -> Definition:
    last = _stage("last", by_role("CEO", _HEAD))
    return from_chain(Chain("toy_route", "玩具流程", nodes=(*nodes, last)))


def one_stage_for_two(world: World) -> None:
    """或签: either of two heads decides; then one more stage."""
    world.publish(_chain(_stage("first", by_role("TL"))))


def countersigned(world: World) -> None:
    """会签: two people of one stage must both agree."""
    world.publish(_chain(_both()))


def two_branches(world: World) -> None:
    """Two stages side by side, one behind the join."""
    chain = _chain(_stage("brm", by_role("BRM")), _stage("bgm", by_role("BGM")))
    world.publish(side_by_side(chain, "brm", "bgm"))


def _both(*lacking: Any) -> ChainStage:
    rules = (by_role("BRM"), *lacking, by_role("BGM"))
    return _stage("both", *rules, decide=DecideMode.ALL)


def _committee(world: World, node_id: str) -> list[Hand]:
    assert world.committee()
    seats = (by_role("RC", _HEAD), by_role("RCC", _HEAD, has_veto=True))
    half = VoteSettings(quorum=Fraction(1, 2))
    vote = _stage(node_id, *seats, decide=DecideMode.VOTE, duty_line="COMMITTEE", vote=half)
    world.publish(_chain(vote))
    return _hands(world, world.submitted(), world.members[0], world.chair)


def hand_of(world: World, case: Case, who: Employee, *, key: str = "") -> Hand:
    """The item that waits for the person, now or later, or may be claimed by him."""
    found = WorkItem.objects.filter(case=case)
    own = found.filter(assignee=who, state__in=LIVE).order_by("id").last()
    item = own or found.filter(decided_by=who).last() or world.item(case, who)
    return Hand(world, item.pk, case.pk, item.stage_id, who, who, key)


def _hands(world: World, case: Case, first: Employee, second: Employee) -> list[Hand]:
    one, other = (hand_of(world, case, who) for who in (first, second))
    return [replace(one, beside=second), replace(other, beside=first)]


def one_pool(world: World) -> list[Hand]:
    """Two people of one pool before the same item, whose limit has changed, and with a timer
    that failed."""
    one_stage_for_two(world)
    other = world._local("TL")
    case = world.submitted()
    FlowVersion.objects.filter(pk=world.version.pk).update(limits={"first": "4"})
    parked = {"state": TimerState.PARKED, "last_error": "OSError"}
    Timer.objects.create(stage=world.item(case).stage, kind=TimerKind.TELL, percent=50, **parked)
    return _hands(world, case, world.tl, other)


def two_tabs(world: World) -> list[Hand]:
    """One person in two tabs, with an item that he has claimed."""
    hand = one_pool(world)[0]
    ACTS["claim"](hand)
    return [hand, hand]


def suspended(world: World) -> list[Hand]:
    hands = one_pool(world)
    ACTS["suspend"](hands[0])
    return hands


def terminated(world: World) -> list[Hand]:
    hands = one_pool(world)
    ACTS["terminate"](hands[0])
    return hands


def unattended(world: World) -> list[Hand]:
    """Everybody of the pool has lost the role, and no act has noticed it."""
    hands = one_pool(world)
    RoleAssignment.objects.filter(role__code="TL").delete()
    return hands


def returned(world: World) -> list[Hand]:
    """The handler in two tabs, with a document that came back to him."""
    hand = one_pool(world)[0]
    ACTS["return"](hand)
    return _hands(world, Case.objects.get(pk=hand.case_id), world.am, world.am)


def next_stage(world: World) -> list[Hand]:
    """Who has approved, and who decides next."""
    one_stage_for_two(world)
    case = world.approve(world.submitted(), world.tl)
    return _hands(world, case, world.tl, world.ceo)


def two_seats(world: World) -> list[Hand]:
    countersigned(world)
    return _hands(world, world.submitted(), world.brm, world.bgm)


def empty_seat(world: World) -> list[Hand]:
    """The same where a third seat has nobody."""
    world.publish(_chain(_both(by_role(LACKING, RoleReach.ANYWHERE))))
    return _hands(world, world.submitted(), world.brm, world.bgm)


def found_again(world: World) -> list[Hand]:
    """Somebody could sit down in the empty seat, and no act has noticed it."""
    hands = empty_seat(world)
    role = Role.objects.get(code=LACKING)
    RoleAssignment.objects.create(employee=world.hrm2, role=role, duty_line=role.duty_line)
    return hands


def owner_and_signer(world: World) -> list[Hand]:
    hands = two_seats(world)
    ACTS["signers"](hands[0])
    return _hands(world, Case.objects.get(pk=hands[0].case_id), world.brm, world.hrm)


def owner_and_delegate(world: World) -> list[Hand]:
    hands = two_seats(world)
    ACTS["delegate"](hands[0])
    return _hands(world, Case.objects.get(pk=hands[0].case_id), world.brm, world.deputy)


def stood_in(world: World) -> list[Hand]:
    """Somebody who stands in for one of the two seats."""
    two_seats(world)
    give_delegation(
        principal=fresh(world.brm), delegate=fresh(world.deputy), actor=fresh(world.brm),
        now=NOW, starts_at=NOW, ends_at=NOW + timedelta(days=3),
    )  # fmt: skip
    return _hands(world, world.submitted(), world.deputy, world.bgm)


def next_seat(world: World) -> list[Hand]:
    """Who decides first, and somebody who gets a seat by name when that one has approved."""
    world.publish(_chain(_stage("first", by_role("TL")), _both()))
    case = world.submitted()
    hand = hand_of(world, case, world.tl)
    return [replace(hand, beside=world.brm), replace(hand, who=world.brm, beside=world.tl)]


def side_branches(world: World) -> list[Hand]:
    two_branches(world)
    return _hands(world, world.submitted(), world.brm, world.bgm)


def decided_branch(world: World) -> list[Hand]:
    """One of the two branches is approved."""
    two_branches(world)
    case = world.approve(world.submitted(), world.brm)
    return _hands(world, case, world.brm, world.bgm)


def migrating(world: World) -> list[Hand]:
    """A newer version with one stage less takes over running cases."""
    countersigned(world)
    case = world.submitted()
    world.publish(_chain(_both(), _stage("more", by_role("HRM", _HEAD))))
    started(world, checked(world))
    return _hands(world, case, world.brm, world.bgm)


def vote(world: World) -> list[Hand]:
    """A member of a committee who has not voted, and the chair, who has: others may be away."""
    hands = _committee(world, "vote")
    for voter in (*world.members[1:3], world.chair):
        world.approve(Case.objects.get(pk=hands[0].case_id), voter)
    return hands


def session(world: World) -> list[Hand]:
    """A member and the chair where a session conducts the vote."""
    return _committee(world, ToyConduct.NODE)


#: scenes for every pair of acts
ONE_ITEM = one_pool
SIBLINGS: tuple[Scene, ...] = (two_seats, side_branches)
#: scenes for acts that can be done nowhere else, each with the hand that does it
FOR_ONE: dict[Scene, dict[str, int]] = {
    suspended: {"resume": 0},
    terminated: {"redact": 0},
    unattended: {"stop": 0},
    returned: {"submit": 0, "void": 0},
    two_tabs: dict.fromkeys(ON_ITEM, 0),
    next_stage: {"take_back": 0},
    next_seat: {"lose_role": 1},
    decided_branch: {"take_back": 0},
    empty_seat: {"gain_role": 0},
    found_again: {"fill": 0},
    owner_and_signer: {"remove_signers": 0},
    owner_and_delegate: {"answer": 1},
    stood_in: {"come_back": 1},
    migrating: {"migrate": 0},
    vote: {"close_vote": 1, "abstain": 0},
    session: {"investigate": 0},
}
_NOT_IN_A_POOL = ("hand_on", "recuse", "stand_in", "lose_role", "look_again")

Pairs = list[tuple[str, str]]


def all_pairs() -> Pairs:
    """Each two acts once: the two hands of these scenes are alike."""
    return list(combinations_with_replacement(ACTS, 2))


def pairs_of_siblings() -> Pairs:
    """Those that differ from the same pair on one item.

    Acts on the case do not know whose item is open before them, and two acts of which neither
    moves anything meet nothing but the lock, whichever item they begin at.
    """
    return [
        pair
        for pair in all_pairs()
        if not set(pair).isdisjoint(ON_ITEM) and not MOVES_NOTHING.issuperset(pair)
    ]


def pairs_for_one(scene: Scene) -> Pairs:
    """The acts that the scene is for, each with everything that the other hand may do."""
    theirs = FOR_ONE[scene]
    if scene is two_tabs:
        return list(combinations_with_replacement(theirs, 2))
    pairs = [(n, b) if side == 0 else (b, n) for n, side in theirs.items() for b in ACTS]
    return list(dict.fromkeys(pairs))


def at_home(world: World, name: str) -> tuple[Hand, Hand]:
    """The hand that can do the act, and the one beside it."""
    scene, side = two_seats if name in _NOT_IN_A_POOL else one_pool, 0
    for other_scene, theirs in FOR_ONE.items() if scene is one_pool else ():
        if name in theirs and (other_scene is not two_tabs or name == "release"):
            scene, side = other_scene, theirs[name]
            break
    one, other = scene(world)[:: -1 if side else 1]
    TOY.related[one.who.pk] = "is a related party of the customer"
    return one, other

"""The words in which the demo's applications are told: what was asked for, who did what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Act(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"
    RETURN = "return"
    CLAIM = "claim"
    RELEASE = "release"
    REASSIGN = "reassign"
    CONVENE = "convene"
    ABSENT = "absent"
    CLOSE_SESSION = "close_session"
    PRINT = "print"
    TRANSFER = "transfer"
    TAKE_BACK = "take_back"
    SUBMIT_AGAIN = "submit_again"
    SUPPLEMENT = "supplement"
    ASK = "ask"
    COMMENT = "comment"
    COPY = "copy"
    URGE = "urge"
    WITHDRAW = "withdraw"
    VOID = "void"
    VACATE = "vacate"
    SUCCEED = "succeed"


@dataclass(frozen=True)
class Step:
    """``who`` is a role in the handler's branch or department, or a login; empty for the handler.

    ``hours`` are working hours since the step before, by chance when not given. ``others``
    are the people a text goes to, ``amount`` an approved or a corrected amount in yuan.
    """

    act: Act
    who: str = ""
    text: str = ""
    hours: float | None = None
    conditions: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    amount: int | None = None
    target: str = ""
    resumes_directly: bool = True


def ok(
    *people: str, text: str = "", hours: float | None = None, amount: int | None = None
) -> tuple[Step, ...]:
    """同意, one after the other."""
    return tuple(Step(Act.APPROVE, who, text, hours, amount=amount) for who in people)


def ok_if(who: str, *conditions: str, amount: int | None = None, text: str = "") -> Step:
    """有条件同意."""
    return Step(Act.APPROVE, who, text, conditions=conditions, amount=amount)


def claimed(who: str, *, hours: float | None = None) -> Step:
    return Step(Act.CLAIM, who, hours=hours)


def convened(*members: str) -> Step:
    """The committee's session is called, with the chair and these members."""
    return Step(Act.CONVENE, "rcs", hours=2.0, others=members)


def concluded(text: str) -> Step:
    """The session ends with its minutes, and the vote is counted."""
    return Step(Act.CLOSE_SESSION, "rcs", text, hours=2.0)


def back(
    who: str, text: str, *, target: str = "", directly: bool = True, hours: float | None = None
) -> Step:
    """退回: to the handler, or to the stage ``target``."""
    return Step(Act.RETURN, who, text, hours, target=target, resumes_directly=directly)


def again(*, amount: int | None = None, hours: float | None = None) -> Step:
    """重新提交; with ``amount`` the request is changed first, so that the route starts over."""
    return Step(Act.SUBMIT_AGAIN, amount=amount, hours=hours)


def no(who: str, text: str) -> Step:
    return Step(Act.REJECT, who, text)


#: kinds of security as the plans name them
HOUSE, PLANT, CARS, RECEIVABLES = "house", "plant", "cars", "receivables"
PERSON, COMPANY, NONE = "person", "company", "none"


@dataclass(frozen=True)
class Appeal:
    """The reconsideration of a plan that was rejected, told as a plan is."""

    amount: int
    reason: str
    facts: str
    guarantee: str = ""
    steps: tuple[Step, ...] = ()
    idle: float = 0.0
    days: int = 0
    is_draft: bool = False


@dataclass(frozen=True)
class Mediation:
    """An intermediary application, told as a plan is.

    ``sheet`` are item, payee and amount due; ``life`` what happens after the approval:
    ``funding``, ``collect``, ``pay``, ``fee``, ``settle`` or ``terminate``.
    """

    customer: str
    funder: str
    amount: int
    term: int
    rate: str
    fee: str
    contract_no: str
    sheet: tuple[tuple[str, str, int], ...]
    steps: tuple[Step, ...] = ()
    idle: float = 0.0
    days: int = 0
    is_draft: bool = False
    life: tuple[str, ...] = ()
    product: str = "FDJY"
    product_name: str = "抵押经营贷"
    method: str = "INTEREST_FIRST"


class Reach(IntEnum):
    """How far an approved application has come on its way to the money."""

    REVIEW_DRAFT = 1
    REVIEW_RUNS = 2
    SIGNED = 3
    TRANSFER_RUNS = 4
    TRANSFER_WAITS = 5
    PAID = 6


@dataclass(frozen=True)
class Prolonging:
    """An extension or the handling of an overdue loan, told as a plan is.

    It is asked for ``days`` before (or, negative, after) the due date, or after the last
    instalment that was paid. ``people`` are those who have approved it so far.
    """

    days: int
    people: tuple[str, ...]
    months: int = 0
    reason: str = ""
    plan: str = ""
    log: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Lending:
    """What became of an approved application: signed, paid out, paid back.

    The contract is drawn up soon after the approval, or ``begins`` working hours ago.
    ``parts`` in yuan are paid out one after the other, the whole at once when empty.
    Instalments come ``late_days`` after they are due; after ``pays`` of them no more comes, and
    after ``settles`` of them the loan is paid off.
    """

    reach: Reach = Reach.PAID
    begins: float | None = None
    reviewed_by: tuple[str, ...] = ("brm", "hrm")
    transfer_by: tuple[str, ...] = ("bgm", "hrm", "fin")
    parts: tuple[int, ...] = ()
    late_days: int = 0
    pays: int | None = None
    settles: int | None = None
    prolonged: Prolonging | None = None
    unmet: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """One application; ``amount`` in yuan, ``rate`` in percent a year.

    ``idle`` are the working hours between its last step and the present; ``days`` says the
    same in calendar days. ``steps`` begin after the submission; ``is_draft`` never gets there.
    """

    customer: str
    product: str
    amount: int
    term: int
    rate: str
    use: str
    security: tuple[str, ...]
    steps: tuple[Step, ...] = ()
    idle: float = 0.0
    days: int = 0
    method: str = "INTEREST_FIRST"
    fee: str = ""
    is_draft: bool = False
    is_complete: bool = True
    expires: bool = False
    copied_after: float | None = None
    appeal: Appeal | None = None
    lending: Lending | None = None

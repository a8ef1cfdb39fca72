"""The words in which the plans tell what comes after the money and besides it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_USUAL = "按合同约定受托支付,核验发票及入库单;每十五日检查一次,回款账户按月提供流水。"


@dataclass(frozen=True)
class Watch:
    """How the transfers of a customer are supervised, and what the reports say.

    The supervision is submitted ``after`` working days; one that is a draft never is. ``late``
    are periods reported late, ``colours`` those that were not green. ``is_behind`` leaves the
    last report that is due unwritten.
    """

    after: float = 2.5
    is_draft: bool = False
    use_check: str = "YES"
    colour: str = "GREEN"
    measures: str = _USUAL
    payee: str = ""
    late: tuple[int, ...] = ()
    colours: Mapping[int, str] = field(default_factory=dict)
    is_behind: bool = False


@dataclass(frozen=True)
class Paper:
    """One document about a customer: begun ``days`` calendar days or ``hours`` working hours ago.

    ``people`` have approved it, by role or login; ``is_draft`` was never submitted.
    """

    customer: str
    values: Mapping[str, Any]
    days: int = 0
    hours: float = 0.0
    people: tuple[str, ...] = ()
    rows: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[tuple[str, str], ...] = ()
    is_draft: bool = False


@dataclass(frozen=True)
class Recovery:
    """What asset recovery wrote down, ``hours`` working hours ago; ``amount`` in yuan came in,
    ``clock`` is the time of a call or visit."""

    hours: float
    kind: str
    content: str
    amount: int = 0
    next_days: int = 0
    clock: str = ""


@dataclass(frozen=True)
class Handover:
    """Customers of one account manager that go to another, on the word of their head.

    ``people`` have accepted and approved it; once all have, the administrator carries it out.
    """

    giver: str
    receiver: str
    head: str
    supervisor: str
    reason: str
    customers: tuple[str, ...]
    hours: float
    people: tuple[str, ...] = ()
    remark: str = ""
    is_carried_out: bool = False


@dataclass(frozen=True)
class IssueStep:
    """``what`` is answer, escalate, confirm or report; ``hours`` passed since the step before."""

    what: str
    who: str
    text: str
    reason: str = ""
    hours: float = 4.0
    parts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Issue:
    """A complaint or a risk that ``handler`` files, ``hours`` working hours ago.

    The customer's head reports it unless another ``reporter`` is named.
    """

    handler: str
    owner: str
    customer: str
    subject: str
    kind: str
    description: str
    demand: str
    hours: float
    steps: tuple[IssueStep, ...] = ()
    severity: str = "NORMAL"
    reporter: str = ""


@dataclass(frozen=True)
class DataRequest:
    """Full numbers of a list that ``applicant`` asks for, ``hours`` working hours ago.

    ``people`` have approved it; once all have, he exports them if ``is_exported``.
    """

    applicant: str
    subject: str
    list_code: str
    query: str
    numbers: tuple[str, ...]
    purpose: str
    reason: str
    hours: float
    people: tuple[str, ...] = ()
    is_exported: bool = False


@dataclass(frozen=True)
class Diary:
    """What an account manager plans and reports week by week, and what his superior says to it."""

    author: str
    superior: str
    customers: tuple[str, ...]
    problems: tuple[str, ...]
    comment: str
    added: str

"""What a business app tells the engine about one kind of document.

The engine knows nothing of loans: each app registers a ``DocumentKind`` in its
``apps.py`` and the engine calls it, always inside the transaction of the act and
with the case row locked.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from workflows.bpmn.answers import LAST_ANSWER, TIMES_PASSED
from workflows.choices import APPROVING

if TYPE_CHECKING:
    from lending_crm.common.errors import DomainError
    from staff.models import Employee
    from workflows.models import Case, WorkItem

FactType = Literal["money", "number", "integer", "text", "boolean", "choice", "choices", "date"]
FactValue = Decimal | int | str | bool | date | list[str] | None
Label = str | Promise


@dataclass(frozen=True)
class Fact:
    """A routing fact that conditions may use.

    ``choices`` gives (value, label) pairs for the types ``choice`` (one value) and
    ``choices`` (a list of values).
    """

    name: str
    type: FactType
    label: Label
    choices: Callable[[], Sequence[tuple[str, Label]]] | None = None


@dataclass(frozen=True)
class TermField:
    """A field of the decision that an approver may set (for example the approved amount)."""

    name: str
    type: Literal["money", "rate", "integer", "text"]
    label: Label


@dataclass(frozen=True)
class DocumentField:
    """A field or table of the snapshot that a stage may hide or open to correction.

    ``input`` says how it is typed; a field without one cannot be corrected. ``choices`` gives
    (value, label) pairs for the input ``choice``.
    """

    name: str
    label: Label
    can_hide: bool = True
    input: Literal["", "text", "long", "choice"] = ""
    choices: Callable[[], Sequence[tuple[str, Label]]] | None = None


@dataclass(frozen=True)
class FieldChange:
    """A field that was corrected, before and after as the record's reader sees it (Chinese)."""

    name: str
    label: str
    old: str
    new: str

    def as_json(self) -> dict[str, str]:
        return {"name": self.name, "label": self.label, "old": self.old, "new": self.new}


@dataclass(frozen=True)
class CaseSummary:
    """What an inbox row shows of a document, copied to the case at each submission.

    ``case_id`` is the document's case, None before its first submission.
    ``risk_flags`` are English sentences of the catalogue; each reader gets them in his language.
    """

    doc_no: str
    subject: str
    party: str
    amount: Decimal | None
    branch_id: int
    department_id: int
    handler_id: int
    creator_id: int
    version: int
    search: str = ""
    risk_flags: Sequence[str] = ()
    case_id: int | None = None


@dataclass(frozen=True)
class Authority:
    """The approval authority that a case needs right now (WF-15).

    ``level`` counts the bands of the authority table from 1; ``limits`` gives the upper
    amount of each level in yuan, None where there is none; ``amount`` is what was compared.
    """

    level: int
    amount: Decimal
    limits: Mapping[int, Decimal | None]


@dataclass(frozen=True)
class StageDecision:
    """One approving answer of the stage that decided, as ``conclude`` gets it."""

    employee_id: int
    node_id: str
    terms: Mapping[str, Any] = field(default_factory=dict)


#: what conditions may ask about the stage before, on every route; ``workflows.bpmn.answers``
ANSWER_FACTS = (
    Fact(
        LAST_ANSWER,
        "choice",
        _("Answer of the step before"),
        choices=lambda: [(each.value, each.label) for each in APPROVING],
    ),
    Fact(TIMES_PASSED, "integer", _("Times the step before was passed")),
)


@dataclass(frozen=True)
class ColumnType:
    """What a column of a list holds: figures align to the right, and what is one of ``choices``,
    (value, label) pairs, may wear a badge."""

    is_number: bool = False
    choices: Sequence[tuple[Any, Any]] = ()


class DocumentKind(ABC):
    """The engine's view of one kind of document."""

    code: str
    title: Label
    facts: Sequence[Fact] = ()
    term_fields: Sequence[TermField] = ()
    fields: Sequence[DocumentField] = ()
    #: (name, label) of the fields that name a person; see ``person_field``
    person_fields: Sequence[tuple[str, Label]] = ()
    #: names of snapshot fields and tables whose change makes a resubmission start over
    material_fields: frozenset[str] = frozenset()
    #: acts of a stage that only the document's own page performs, each with the words that
    #: say so where the engine's button is out of use; see ``check_decision``
    own_decisions: Mapping[str, Label] = {}

    @property
    def condition_facts(self) -> tuple[Fact, ...]:
        """Everything that the conditions of this kind's routes may ask for."""
        return (*self.facts, *ANSWER_FACTS)

    def table_columns(self, name: str) -> Sequence[ColumnType]:
        """What each column of the snapshot's table of that name holds; nothing for a table that
        the kind does not know, which is text."""
        return ()

    @abstractmethod
    def get(self, document_id: int) -> Any:
        """Load the document; raises ``not_found()``."""

    @abstractmethod
    def lock(self, document_id: int) -> Any:
        """Load the document under a row lock."""

    @abstractmethod
    def visible_to(self, user: Employee) -> QuerySet:
        """The documents of this kind that the user may see."""

    def seen_by_matter(self, user: Employee) -> QuerySet | None:
        """Ids of the documents that a role of the user sees for what they are about.

        Branch, department and the people on the case are the engine's and the documents' own
        business; this adds what only the kind knows. None when no role of his asks for it.
        """
        return None

    @abstractmethod
    def summary(self, document: Any) -> CaseSummary: ...

    @abstractmethod
    def collect_facts(self, document: Any, *, now: datetime) -> dict[str, FactValue]:
        """The value of every declared fact, frozen into the case at submission."""

    def moved_facts(self, document: Any, *, now: datetime) -> Mapping[str, FactValue]:
        """Facts that move by themselves while the case runs, as they are now.

        The end of the case asks for them: where they ask for steps that the facts of the
        submission did not, it is refused (WF-15).
        """
        return {}

    @abstractmethod
    def snapshot(self, document: Any) -> dict[str, Any]:
        """The document as a reader sees it, as plain JSON.

        ``{"fields": [{"name", "label", "value", "display"}], "tables": [{"name", "label",
        "columns": [..], "rows": [[..]]}], "attachments": [{"id", "category", "title",
        "file_name", "sha256", "size", "supplement"}]}``; labels and displays in Chinese, and
        under the key ``en`` the same once more in English.
        """

    @abstractmethod
    def check_submission(
        self, document: Any, *, actor: Employee, now: datetime
    ) -> list[DomainError]:
        """Every reason why the document may not be submitted; empty when it may."""

    @abstractmethod
    def set_status(self, document: Any, status: str, *, case: Case | None, now: datetime) -> None:
        """Write the approval status (and the link to the case); the engine alone calls it."""

    def terminate(self, document: Any, *, case: Case, reason: str, now: datetime) -> None:
        """An administrator has ended the case for good (终止): the document is void."""
        self.set_status(document, "VOID", case=case, now=now)

    def has_attached(self, document_id: int, person: Employee, *, since: datetime) -> bool:
        """Whether the person added a file to the document that counts from then on."""
        return False

    def supplement_url(self, document_id: int) -> str:
        """Where somebody adds material to the running case; empty for nowhere."""
        return ""

    def change_fields(
        self, document: Any, values: Mapping[str, str], *, actor: Employee, now: datetime
    ) -> list[FieldChange]:
        """Correct fields of a document under approval; what did not differ is left out.

        Only names of ``fields`` with an ``input`` come in. Raises WF-67 for a bad value.
        """
        return []

    def ends_by_handler(self, document: Any) -> bool:
        """Whether this resubmission is the handler's word that ends the case, with nobody asked.

        Any other submission that meets no stage is refused (WF-10).
        """
        return False

    def check_decision(
        self, case: Case, item: WorkItem, *, action: str, actor: Employee
    ) -> list[DomainError]:
        """What this kind asks of a decision besides the opinion; empty when nothing is missing.

        Asked under the case's lock when everything else allows the decision; ``action`` is one
        of ``StageAction``.
        """
        return []

    def check_terms(
        self, document: Any, terms: Mapping[str, Any], *, beside: Sequence[StageDecision] = ()
    ) -> dict[str, Any]:
        """Validate the terms that an approver typed; returns them as plain JSON values.

        ``beside`` are the terms that others have set at the same stage: what ``conclude`` makes
        of all of them has to hold, too.
        """
        return {}

    def authority(
        self, document: Any, *, now: datetime, decisions: Sequence[StageDecision] = ()
    ) -> Authority | None:
        """What authority the case needs now; None when this kind knows no limits.

        ``decisions`` are those that ``conclude`` would get if the case ended here.
        """
        return None

    @abstractmethod
    def conclude(
        self,
        document: Any,
        outcome: Literal["APPROVED", "REJECTED"],
        *,
        case: Case,
        decisions: Sequence[StageDecision],
        conditions: Sequence[str],
        now: datetime,
    ) -> None:
        """The route has ended; book what follows from it (approved amount, validity …).

        ``decisions`` are the approving answers of the last stage that set terms, of the last
        stage when none did; ``conditions`` are those of every 有条件同意 that was not taken back.
        """

    def by_number(self, doc_no: str) -> Any | None:
        """The document with that number; None when there is none."""
        return None

    def person_field(self, document: Any, name: str) -> int | None:
        """The employee id in a person field that an assignee rule names."""
        return None

    def people_in_field(self, document: Any, name: str) -> Sequence[int]:
        """The employee ids of a person field that may name several: each has a place of his own."""
        person = self.person_field(document, name)
        return [] if person is None else [person]

    def url(self, document_id: int) -> str:
        """The document's own page; empty when it has none."""
        return ""

    def attachment_url(self, document_id: int, attachment_id: int) -> str:
        """Where an attachment that the snapshot names is downloaded; empty for nowhere."""
        return ""


_kinds: dict[str, DocumentKind] = {}


def register(kind: DocumentKind) -> None:
    if kind.code in _kinds:
        raise ValueError(f"document kind {kind.code!r} is registered twice")
    _kinds[kind.code] = kind


def kind_for(code: str) -> DocumentKind:
    return _kinds[code]


def all_kinds() -> list[DocumentKind]:
    return list(_kinds.values())

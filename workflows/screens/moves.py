"""The migration of running cases: how far it is, which fit, which do not and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from lending_crm.common.pagination import KeysetPage, paginate
from staff.models import Employee
from workflows.choices import Fit, MoveReason, MoveState
from workflows.definitions import definition_of
from workflows.models import FlowMigration, FlowMigrationCase, FlowVersion
from workflows.moving import grouped
from workflows.screens.replays import visible_ids
from workflows.services.flow_migrations import movable_cases


@dataclass(frozen=True)
class Line:
    """One filter of the list with its number of cases."""

    code: str
    label: str
    count: int


@dataclass(frozen=True)
class MappingRow:
    """A stage at which cases stand, and where they would go on."""

    stage: str
    title: str
    count: int
    target: str
    is_needed: bool


@dataclass(frozen=True)
class CaseRow:
    row: FlowMigrationCase
    is_visible: bool
    at: str
    words: Sequence[str]


@dataclass(frozen=True)
class MigrationPage:
    version: FlowVersion
    migration: FlowMigration | None
    waiting: int = 0
    lines: Sequence[Line] = ()
    moved: int = 0
    to_move: int = 0
    mapping: Sequence[MappingRow] = ()
    targets: Sequence[tuple[str, str]] = ()
    chosen: str = ""
    page: KeysetPage[FlowMigrationCase] | None = None
    rows: Sequence[CaseRow] = ()

    @property
    def is_checking(self) -> bool:
        return bool(self.migration and self.migration.is_live and not self.migration.is_checked)

    @property
    def is_moving(self) -> bool:
        return bool(self.migration and self.migration.is_live and self.migration.is_started)

    @property
    def may_start(self) -> bool:
        found = self.migration
        return bool(found and found.is_live and found.is_checked and not found.is_started)


class StepNames:
    """Titles of steps by id: those of the target first, then those of the case's own version."""

    def __init__(self, target_id: int) -> None:
        self._target = target_id
        self._language = get_language() or "zh-hans"

    def of(self, stage: str, *versions: int) -> str:
        for version_id in (*versions, self._target):
            element = definition_of(version_id).elements.get(stage)
            if element is not None:
                return element.title(self._language) or stage
        return stage

    def joined(self, stages: Sequence[str], *versions: int) -> str:
        names = [self.of(stage, *versions) for stage in stages]
        return pgettext("between values", ", ").join(names)


def load_migration_page(
    version: FlowVersion, reader: Employee, *, chosen: str, cursor: str
) -> MigrationPage:
    """The newest migration into the version, with one page of its cases."""
    migration = (
        version.migrations.select_related("requested_by", "started_by").order_by("-id").first()
    )
    waiting = 0
    if migration is None or not migration.is_live:
        waiting = movable_cases(version)[:1000].count()
    if migration is None:
        return MigrationPage(version, None, waiting)
    migration.target = version
    names = StepNames(version.pk)
    counted = _counted(migration)
    lines = _lines(counted)
    known = chosen if any(line.code == chosen for line in lines) else ""
    found = migration.cases.select_related("case", "from_version").defer("from_version__bpmn")
    page = paginate(_filtered(found, known), order=["id"], cursor=cursor, size=25)
    visible = visible_ids(reader, [row.case_id for row in page])
    rows = [
        CaseRow(
            row,
            row.case_id in visible,
            names.joined([s for s in row.place.split(", ") if s], row.from_version_id),
            move_words(row, names),
        )
        for row in page
    ]
    fitting = sum(n for (fit, state), n in counted.items() if fit == Fit.FITS)
    targets = [(s.id, names.of(s.id)) for s in definition_of(version.pk).stages()]
    return MigrationPage(
        version=version,
        migration=migration,
        waiting=waiting,
        lines=lines,
        moved=sum(n for (_fit, state), n in counted.items() if state != MoveState.PENDING),
        to_move=fitting,
        mapping=_mapping(migration, names),
        targets=targets,
        chosen=known,
        page=page,
        rows=rows,
    )


def fit_counts(migration: FlowMigration) -> dict[str, int]:
    """How many cases fit, need mapping, are blocked, were moved, and are not needed any more."""
    found = dict.fromkeys([*Fit.values, MoveState.MOVED.value, MoveState.SKIPPED.value], 0)
    for (fit, state), number in _counted(migration).items():
        found[fit if state == MoveState.PENDING else state] += number
    return found


def _counted(migration: FlowMigration) -> dict[tuple[str, str], int]:
    rows = migration.cases.order_by().values_list("fit", "state").annotate(number=Count("id"))
    return {(fit, state): number for fit, state, number in rows}


def _lines(counted: dict[tuple[str, str], int]) -> list[Line]:
    lines = []
    for fit in Fit:
        number = counted.get((fit.value, MoveState.PENDING.value), 0)
        lines.append(Line(fit.value, str(fit.label), number))
    for state in (MoveState.MOVED, MoveState.SKIPPED):
        number = sum(n for (_fit, each), n in counted.items() if each == state)
        if number:
            lines.append(Line(state.value, str(state.label), number))
    return lines


def _filtered(rows: Any, code: str) -> Any:
    if code in Fit.values:
        return rows.filter(fit=code, state=MoveState.PENDING)
    return rows.filter(state=code) if code else rows


def _mapping(migration: FlowMigration, names: StepNames) -> list[MappingRow]:
    """The stages that need a mapping or have one, with how many cases stand there."""
    if not migration.is_live or migration.is_started:
        return []
    needing = migration.cases.filter(fit=Fit.NEEDS_MAPPING).order_by()
    pairs = needing.values_list("place").annotate(number=Count("id")).values_list("place", "number")
    counts = grouped(pairs)
    versions = tuple(needing.values_list("from_version", flat=True).distinct()[:20])
    stages = dict.fromkeys([*counts, *migration.mapping])
    return [
        MappingRow(
            stage,
            names.of(stage, *versions),
            counts.get(stage, 0),
            migration.mapping.get(stage, ""),
            stage in counts,
        )
        for stage in stages
    ]


def move_words(row: FlowMigrationCase, names: StepNames) -> list[str]:
    """Why a case does not fit, or what happens to it when it is moved."""
    detail, version = row.detail, row.from_version_id
    if row.reason:
        sentence = str(MoveReason(row.reason).label)
        return [sentence % {"steps": names.joined(detail.get("stages", ()), version)}]
    words = []
    for stage, other in detail.get("goes_on", {}).items():
        if stage != other:
            values = {"from": names.of(stage, version), "to": names.of(other)}
            words.append(_("Goes on from “%(from)s” at “%(to)s”.") % values)
    for key, sentence in (
        ("new", _("Also opens: %(steps)s.")),
        ("passed_by", _("Is past these new steps: %(steps)s.")),
    ):
        if detail.get(key):
            words.append(sentence % {"steps": names.joined(detail[key])})
    anew = [s for s in detail.get("anew", ()) if detail["goes_on"].get(s) == s]
    if anew:
        words.append(_("Asked anew: %(steps)s.") % {"steps": names.joined(anew)})
    return words

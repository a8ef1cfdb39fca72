"""How far up and where a person's roles let him decide, and for whom he may stand in.

Who decides in another's place holds a role of the same duty line (or of general management)
and of at least the same level, and it holds in the same place (domain.md §2.1).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from staff.choices import DutyLine, RoleCode
from staff.models import RoleAssignment

DEPARTMENT, BRANCH, HEAD_OFFICE, PRESIDENT = 1, 2, 3, 4

#: the level of each role that decides; account managers decide nowhere
LEVELS: dict[str, int] = {
    RoleCode.TL: DEPARTMENT,
    RoleCode.BRM: BRANCH,
    RoleCode.BGM: BRANCH,
    RoleCode.HRM: HEAD_OFFICE,
    RoleCode.PLM: HEAD_OFFICE,
    RoleCode.ARD: HEAD_OFFICE,
    RoleCode.FIN: HEAD_OFFICE,
    RoleCode.RC: HEAD_OFFICE,
    RoleCode.RCC: HEAD_OFFICE,
    RoleCode.RCS: HEAD_OFFICE,
    RoleCode.ADM: HEAD_OFFICE,
    RoleCode.CEO: PRESIDENT,
}


@dataclass(frozen=True)
class Rank:
    """One role that somebody holds; without a branch it holds in the whole company."""

    line: str
    level: int
    branch_id: int | None = None
    is_at_head_office: bool = False

    def reaches(self, line: str, level: int) -> bool:
        """Whether who holds it may decide in the duty line, on the level."""
        return self.line in (line, DutyLine.MANAGEMENT) and self.level >= level

    def covers(self, other: Rank) -> bool:
        """Whether who holds it may decide where the other one does."""
        is_there = self.branch_id in (None, other.branch_id)
        return is_there and self.reaches(other.line, other.level)


def ranks_of(people: Iterable[int]) -> dict[int, set[Rank]]:
    """The ranks of each of the people by one statement; account managers have none."""
    found: dict[int, set[Rank]] = {pk: set() for pk in people}
    held = RoleAssignment.objects.filter(employee__in=found).exclude(role__code=RoleCode.AM)
    rows = held.values_list(
        "employee_id", "role__code", "duty_line", "branch_id", "branch__is_head_office"
    )
    for pk, code, line, branch_id, is_at_head_office in rows:
        level = LEVELS[code]
        place = branch_id if level <= BRANCH else None
        found[pk].add(Rank(line, level, place, bool(is_at_head_office)))
    return found

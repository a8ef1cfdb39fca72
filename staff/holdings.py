"""What ``staff`` itself knows of a person's holdings: delegations, people under him, roles."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from staff.handing import Holding
from staff.models import Delegation, Employee, RoleAssignment
from staff.services.delegations import end_delegation
from staff.services.people import change_superior
from staff.services.roles import assign_role, revoke_role


class DelegationHoldings:
    """Given and taken ones; they end, whoever follows."""

    code = "delegations"
    title = gettext_lazy("Delegations")
    by_rule = gettext_lazy("are ended")
    order = 10
    opens_to_keepers = True

    def holdings(self, employee: Employee, *, now: datetime) -> list[Holding]:
        rows = Delegation.objects.filter(
            Q(principal=employee) | Q(delegate=employee), ended_at=None
        ).select_related("principal", "delegate")
        return [
            Holding(
                row.pk,
                f"{row.principal.name} → {row.delegate.name}",
                timezone.localtime(row.ends_at).strftime("%Y-%m-%d %H:%M"),
                "/delegations/",
            )
            for row in rows
            if row.state(now) != "ended"
        ]

    def move(
        self,
        *,
        pk: int,
        employee: Employee,
        successor: Employee | None,
        actor: Employee,
        now: datetime,
    ) -> str:
        end_delegation(delegation=Delegation.objects.get(pk=pk), actor=actor, now=now)
        return _("ended")


class SubordinateHoldings:
    """Superior positions: who stands under the leaver gets another superior."""

    code = "subordinates"
    title = gettext_lazy("People under this person")
    by_rule = gettext_lazy("go to this person's own superior")
    order = 50
    opens_to_keepers = True

    def holdings(self, employee: Employee, *, now: datetime) -> list[Holding]:
        people = employee.subordinates.filter(is_active=True).order_by("employee_no")
        return [
            Holding(one.pk, one.name, one.employee_no, f"/organisation/people/{one.pk}/")
            for one in people
        ]

    def move(
        self,
        *,
        pk: int,
        employee: Employee,
        successor: Employee | None,
        actor: Employee,
        now: datetime,
    ) -> str:
        superior = successor or employee.superior
        if superior is not None and superior.pk == pk:
            # Who follows cannot stand under himself; he takes the leaver's own place.
            superior = employee.superior
        change_superior(
            employee=Employee.objects.get(pk=pk), superior=superior, actor=actor, now=now
        )
        return superior.name if superior else _("nobody stands above")


class RoleHoldings:
    """Roles: a successor gets them; without one nobody does."""

    code = "roles"
    title = gettext_lazy("Roles")
    by_rule = gettext_lazy("are taken away; the others of the role go on")
    order = 60
    opens_to_keepers = True

    def holdings(self, employee: Employee, *, now: datetime) -> list[Holding]:
        held = employee.role_assignments.select_related("role", "branch", "department")
        return [
            Holding(one.pk, str(one.role), str(one.department or one.branch or "")) for one in held
        ]

    def move(
        self,
        *,
        pk: int,
        employee: Employee,
        successor: Employee | None,
        actor: Employee,
        now: datetime,
    ) -> str:
        held = RoleAssignment.objects.select_related("role", "branch", "department").get(pk=pk)
        place = (held.role_id, held.branch_id, held.department_id)
        if successor is not None:
            own = successor.role_assignments.values_list("role", "branch", "department")
            if place not in set(own):
                assign_role(
                    employee=successor,
                    role=held.role,
                    branch=held.branch,
                    department=held.department,
                    actor=actor,
                    now=now,
                )
        revoke_role(assignment=held, actor=actor, now=now)
        return successor.name if successor else _("taken away")

"""Who sees which sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q

from staff.choices import RoleCode
from staff.selectors import roles_of

if TYPE_CHECKING:
    from staff.models import Employee


class SessionQuerySet(models.QuerySet):
    def visible_to(self, user: Employee) -> SessionQuerySet:
        """Those one takes part in, and those of the cases that one may read.

        Administrators see a live case to help it on, not its business (WF-32), so a session
        is open to them only where they sit in it.
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        from riskcommittee.models import Seat
        from workflows.models import Case

        sits = Exists(Seat.objects.filter(session=OuterRef("pk"), employee=user))
        roles = roles_of(user)
        if roles.has(RoleCode.ADM) and not roles.sees_all:
            return self.filter(sits)
        return self.filter(Q(sits) | Q(case__in=Case.objects.visible_to(user)))

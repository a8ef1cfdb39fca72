"""What each person may see of the organisation and of his own messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.models import UserManager
from django.db import models
from django.db.models import Q

from staff.choices import RoleCode

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import AnonymousUser

    from staff.models import Employee


class DirectoryQuerySet(models.QuerySet):
    """Branches, departments, roles and the calendar: everybody who works here reads them."""

    def visible_to(self, user: Employee | AnonymousUser) -> Self:
        return self if user.is_authenticated and user.is_active else self.none()


class EmployeeQuerySet(DirectoryQuerySet):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def search(self, text: str) -> Self:
        """People by part of the name, number or user name, or by pinyin in full or initials."""
        words = text.split()
        found = self
        for word in words:
            found = found.filter(
                Q(name__icontains=word)
                | Q(employee_no__icontains=word)
                | Q(username__icontains=word)
                | Q(pinyin__contains=word.lower())
            )
        return found


class EmployeeManager(UserManager.from_queryset(EmployeeQuerySet)):  # type: ignore[misc]
    use_in_migrations = False


class DelegationQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """One's own, given and taken; the keeper of the organisation sees everybody's."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.role_assignments.filter(role__code=RoleCode.ADM).exists():
            return self
        return self.filter(Q(principal=user) | Q(delegate=user))

    def in_force(self, at: datetime) -> Self:
        return self.filter(ended_at=None, starts_at__lte=at, ends_at__gt=at)

    def not_over(self, at: datetime) -> Self:
        """Running, or still ahead."""
        return self.filter(ended_at=None, ends_at__gt=at)


class NotificationQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """One's own; nobody reads another person's messages."""
        return self.filter(recipient_id=user.pk) if user.is_authenticated else self.none()

    def unread(self) -> Self:
        return self.filter(read_at=None)

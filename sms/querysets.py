"""Who sees which messages of the log (N26)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

from customers.querysets import visible_customers

if TYPE_CHECKING:
    from staff.models import Employee


class SmsMessageQuerySet(models.QuerySet):
    def visible_to(self, user: Employee) -> Self:
        """The messages of the customers in sight; those of unknown numbers only to who sees all."""
        clause = visible_customers(user, "customer__")
        return self if clause is None else self.filter(clause)

    def with_names(self) -> Self:
        """What a row of the log shows."""
        return self.select_related("customer", "template_version__template", "by")

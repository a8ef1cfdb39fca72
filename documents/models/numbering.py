"""The counters behind the numbers of documents, customers and supplements."""

from __future__ import annotations

from django.db import models

import pgtrigger


class NumberCounter(models.Model):
    """The last number given under one prefix in one branch on one day."""

    prefix = models.CharField(max_length=4)
    branch_code = models.CharField(max_length=8)
    day = models.DateField()
    last_number = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["prefix", "branch_code", "day"], name="one_counter_a_day"
            )
        ]
        triggers = [
            pgtrigger.Protect(name="counter_is_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="counter_only_rises",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "NEW.last_number <= OLD.last_number OR (NEW.prefix, NEW.branch_code, NEW.day)"
                    " IS DISTINCT FROM (OLD.prefix, OLD.branch_code, OLD.day)"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}-{self.branch_code}-{self.day:%Y%m%d}: {self.last_number}"

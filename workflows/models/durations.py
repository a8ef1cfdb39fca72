"""How long the steps of a route take; refreshed by the worker, read by the forecast."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from workflows.models.definition import FlowVersion


class StageDuration(models.Model):
    """The durations of one stage of a version, measured from finished cases.

    ``sketch`` holds their quantiles at equal steps from 0 % to 100 %, in working hours without
    pauses; ``visits`` is how many were measured.
    """

    flow_version = models.ForeignKey(FlowVersion, models.CASCADE, related_name="durations")
    node_id = models.CharField(max_length=100)
    visits = models.PositiveIntegerField()
    sketch = models.JSONField()
    refreshed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("duration of a step")
        constraints = [
            models.UniqueConstraint(fields=["flow_version", "node_id"], name="duration_of_stage")
        ]

"""Flow definitions and their versions, held as BPMN 2.0."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

import pgtrigger

from workflows.choices import VersionState


class FlowDefinition(models.Model):
    """The approval route of one document kind, through all its versions."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    document_kind = models.CharField(_("document kind"), max_length=40, unique=True)
    title = models.CharField(_("Chinese title"), max_length=80)
    title_en = models.CharField(_("English title"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("flow definition")
        ordering = ["id"]

    def __str__(self) -> str:
        if self.title_en and (get_language() or "").startswith("en"):
            return self.title_en
        return self.title


class FlowVersion(models.Model):
    """One version of a route; once published its BPMN never changes again.

    Cases hold on to the version that they were submitted under, so rows are never deleted.
    """

    definition = models.ForeignKey(FlowDefinition, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version number"))
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=VersionState.choices,
        default=VersionState.DRAFT,
    )
    bpmn = models.TextField("BPMN")
    sha256 = models.CharField(max_length=64)
    note = models.CharField(_("note"), max_length=200, blank=True)
    revision = models.PositiveIntegerField(default=1)
    #: time limits that an administrator changed for cases that run: node id -> hours as text
    limits = models.JSONField(_("time limits of running cases"), default=dict)
    created_at = models.DateTimeField(_("created at"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("flow version")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["definition", "number"], name="flow_version_number"),
            models.UniqueConstraint(
                fields=["definition"],
                condition=models.Q(state=VersionState.PUBLISHED),
                name="one_published_version",
            ),
            models.UniqueConstraint(
                fields=["definition"],
                condition=models.Q(state=VersionState.DRAFT),
                name="one_draft_version",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="published_is_immutable",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.state <> 'DRAFT' AND (NEW.state = 'DRAFT'"
                    " OR (OLD.bpmn, OLD.sha256, OLD.number, OLD.definition_id,"
                    " OLD.published_at, OLD.published_by_id) IS DISTINCT FROM"
                    " (NEW.bpmn, NEW.sha256, NEW.number, NEW.definition_id,"
                    " NEW.published_at, NEW.published_by_id))"
                ),
            ),
            pgtrigger.Protect(
                name="published_is_kept",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__state__in=["PUBLISHED", "RETIRED"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.definition} V{self.number}"

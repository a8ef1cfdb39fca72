from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

import pgtrigger

from sms.choices import SENT_KINDS, Usage, VersionState

_PERSON = settings.AUTH_USER_MODEL


class SmsTemplate(models.Model):
    """A text that is sent again and again; its words live in versions.

    ``usage`` lets an event send it by itself; one active template serves a usage.
    """

    name = models.CharField(_("template name"), max_length=60)
    kind = models.CharField(_("kind"), max_length=12, choices=SENT_KINDS)
    usage = models.CharField(_("sent by"), max_length=12, choices=Usage.choices, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)
    created_at = models.DateTimeField(_("created at"), editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("text template")
        ordering = ["kind", "name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=[code for code, _label in SENT_KINDS]),
                name="sms_template_kind_known",
            ),
            models.UniqueConstraint(fields=["name"], name="sms_template_name_once"),
            models.UniqueConstraint(
                fields=["usage"],
                condition=models.Q(is_active=True) & ~models.Q(usage=""),
                name="sms_template_one_per_usage",
            ),
        ]
        # The declared variables and the rules of sending hang on the kind.
        triggers = [pgtrigger.ReadOnly(name="sms_template_kind_fixed", fields=["kind"])]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("sms:template", args=[self.pk])


class TemplateVersion(models.Model):
    """The words of a template; once somebody else decided on them they never change."""

    template = models.ForeignKey(SmsTemplate, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    text = models.CharField(_("text"), max_length=400)
    state = models.CharField(
        _("state"), max_length=8, choices=VersionState.choices, default=VersionState.DRAFT
    )
    author = models.ForeignKey(
        _PERSON, models.PROTECT, related_name="+", verbose_name=_("written by")
    )
    created_at = models.DateTimeField(_("written at"))
    decided_by = models.ForeignKey(
        _PERSON, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    note = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("version of a text template")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["template", "number"], name="sms_version_once"),
            models.UniqueConstraint(
                fields=["template"],
                condition=models.Q(state=VersionState.DRAFT),
                name="sms_version_one_draft",
            ),
            models.CheckConstraint(
                condition=models.Q(state=VersionState.DRAFT, decided_by=None, decided_at=None)
                | (
                    ~models.Q(state=VersionState.DRAFT)
                    & models.Q(decided_by__isnull=False, decided_at__isnull=False)
                ),
                name="sms_version_decided",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by=None) | ~models.Q(decided_by=models.F("author")),
                name="sms_version_decided_by_another",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="sms_version_words_fixed",
                fields=["template", "number", "text", "author", "created_at"],
            ),
            pgtrigger.Protect(
                name="sms_version_decision_fixed",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.state <> 'DRAFT'"),
            ),
            pgtrigger.Protect(name="sms_version_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.template} v{self.number}"

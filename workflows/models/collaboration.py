"""What people do around a case without moving it, and what each keeps for himself."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from workflows.choices import PhraseAct
from workflows.models.case import Case, Stage

_PERSON = settings.AUTH_USER_MODEL


class CaseCopy(models.Model):
    """抄送: a person may read the case and has not to act."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="copies")
    recipient = models.ForeignKey(_PERSON, models.PROTECT, related_name="case_copies")
    sent_by = models.ForeignKey(_PERSON, models.PROTECT, null=True, related_name="+")
    sent_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("copy")
        constraints = [models.UniqueConstraint(fields=["case", "recipient"], name="copied_once")]
        indexes = [models.Index(fields=["recipient", "-sent_at", "-id"], name="copy_inbox")]


class CaseReading(models.Model):
    """What a person had seen when he last opened the case; answers 'what changed since'."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="readings")
    reader = models.ForeignKey(_PERSON, models.PROTECT, related_name="+")
    seen_at = models.DateTimeField()
    event_sequence = models.PositiveIntegerField()
    snapshot_number = models.PositiveIntegerField()
    supplement_count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "reader"], name="reading_once")]


class MaterialRequest(models.Model):
    """要求补件: an approver asks for material; the case does not move."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="material_requests")
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="material_requests")
    requested_by = models.ForeignKey(_PERSON, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    text = models.CharField(_("requested material"), max_length=500)
    pauses_clock = models.BooleanField(_("pauses the clock"), default=False)
    answered_at = models.DateTimeField(null=True)
    answered_by_supplement = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = _("material request")
        ordering = ["id"]


class OpinionPhrase(models.Model):
    """常用语: a phrase for the opinions of one act; without an owner it is offered to everybody."""

    owner = models.ForeignKey(_PERSON, models.PROTECT, null=True, related_name="+")
    act = models.CharField(_("act"), max_length=24, choices=PhraseAct.choices)
    text = models.CharField(_("phrase"), max_length=200)
    position = models.PositiveIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("opinion phrase")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "act", "text"], name="phrase_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=models.Q(act__in=PhraseAct.values), name="phrase_of_an_act"
            ),
        ]

    def __str__(self) -> str:
        return self.text


class SavedFilter(models.Model):
    """A filter of the inbox that a person keeps under a name."""

    owner = models.ForeignKey(_PERSON, models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=40)
    query = models.CharField(max_length=500)

    class Meta:
        verbose_name = _("saved filter")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="filter_name_once")]

    def __str__(self) -> str:
        return self.name

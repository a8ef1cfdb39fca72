"""Tables that every app may write to: the outbox and the change log."""

from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

import pgtrigger


class OutboxMessage(models.Model):
    """A message that must leave, written in the transaction of the act that caused it.

    ``topic`` names the handler that delivers it; ``payload`` is plain JSON. A worker
    claims rows with SKIP LOCKED; a row is done when ``delivered_at`` is set, parked
    when ``parked_at`` is set.
    """

    topic = models.CharField(max_length=60)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True, blank=True)
    parked_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("outbox message")
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                name="outbox_waiting",
                condition=models.Q(delivered_at=None, parked_at=None),
            )
        ]


class ChangeRecord(models.Model):
    """修改记录: one changed field of one record; nobody can edit or remove it (N15's sister)."""

    model = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    field = models.CharField(max_length=60)
    field_label = models.CharField(max_length=120)
    old = models.TextField(blank=True)
    new = models.TextField(blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField()
    ip = models.GenericIPAddressField(null=True, blank=True)

    class Meta:
        verbose_name = _("change record")
        indexes = [models.Index(fields=["model", "object_id", "-id"], name="change_of_object")]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    @property
    def label(self) -> str:
        """The field's name in the reader's language.

        What is no field (a contact removed) is named by its key, as it was when it was written;
        what has a sentence of its own for a name keeps that.
        """
        try:
            field = apps.get_model(self.model)._meta.get_field(self.field)
        except (LookupError, FieldDoesNotExist):
            field = None
        if name := getattr(field, "verbose_name", None):
            return str(name)
        with translation.override("zh-hans"):
            is_key = gettext(self.field) == self.field_label
        return gettext(self.field) if is_key else self.field_label

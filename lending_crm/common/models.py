"""Tables that every app may write to: the outbox, the change log, the log of exports."""

import uuid
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import translation
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

import pgtrigger

from lending_crm.common.change_titles import title_of


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
    """修改记录: one changed field of one record; nobody can edit or remove it (N15's sister).

    ``approval`` is the number of the document whose approval wrote it, empty for what somebody
    typed; ``deciders`` names those who decided where they were several and so nobody alone.
    """

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
    approval = models.CharField(max_length=40, blank=True, default="")
    deciders = models.TextField(blank=True, default="")

    class Meta:
        verbose_name = _("change record")
        indexes = [models.Index(fields=["model", "object_id", "-id"], name="change_of_object")]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    @property
    def who(self) -> Any:
        """Who changed it, or all who decided it together; empty for the system."""
        return self.actor or self.deciders

    @property
    def column(self) -> Any:
        """The model's field that changed; None for what is no field of it (any more)."""
        try:
            return apps.get_model(self.model)._meta.get_field(self.field)
        except (LookupError, FieldDoesNotExist):
            return None

    @property
    def label(self) -> str:
        """The field's name in the reader's language.

        A list has the title that is registered for it (``change_titles``). What is neither (a
        contact removed) is named by its key, as it was when it was written; what has a sentence
        of its own for a name keeps that.
        """
        if name := getattr(self.column, "verbose_name", None):
            return str(name)
        if title := title_of(self.model, self.field):
            return title
        with translation.override("zh-hans"):
            is_key = gettext(self.field) == self.field_label
        return gettext(self.field) if is_key else self.field_label


class DictionaryWord(models.Model):
    """字典: what a code of a value list is called, where it stands and whether it is offered.

    A list has no rows until somebody changes it, then one for each of its codes.
    """

    list_code = models.CharField(max_length=60, editable=False)
    code = models.CharField(_("code"), max_length=40, editable=False)
    zh = models.CharField(_("Chinese"), max_length=40, blank=True)
    en = models.CharField(_("English"), max_length=80, blank=True)
    position = models.PositiveSmallIntegerField(_("order"))
    is_offered = models.BooleanField(_("offered"), default=True)

    class Meta:
        verbose_name = _("word of the dictionary")
        ordering = ["list_code", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["list_code", "code"], name="one_word_a_code")
        ]

    def __str__(self) -> str:
        return self.code


class ExportState(models.TextChoices):
    WAITING = "WAITING", pgettext_lazy("run", "Waiting")
    DONE = "DONE", pgettext_lazy("run", "Done")
    FAILED = "FAILED", pgettext_lazy("run", "Failed")


class ExportRun(models.Model):
    """Who took which list out of the system, with which filter, and why in full (N25).

    The row stays when its file is gone; ``query`` is the filter as it stood in the address. One
    in full names the approved request that let it out, the kinds of numbers that it ``opens``
    and until when its file is handed out.
    """

    code = models.CharField(_("list"), max_length=40)
    query = models.CharField(_("filter"), max_length=2000, blank=True)
    language = models.CharField(max_length=10)
    is_full = models.BooleanField(_("numbers in full"), default=False)
    reason = models.CharField(_("reason of access"), max_length=200, blank=True)
    request_no = models.CharField(_("number of the approved request"), max_length=40, blank=True)
    opens = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    open_until = models.DateTimeField(_("handed out until"), null=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("exported by")
    )
    at = models.DateTimeField(_("exported at"))
    ip = models.GenericIPAddressField(null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=8, choices=ExportState.choices, default=ExportState.WAITING
    )
    finished_at = models.DateTimeField(null=True)
    rows = models.PositiveIntegerField(_("rows"), null=True)
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    is_kept = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("export of a list")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["actor", "-id"], name="export_of_person"),
            models.Index(
                fields=["request_no", "-id"],
                name="export_of_request",
                condition=~models.Q(request_no=""),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_full=False) | ~models.Q(reason=""),
                name="export_in_full_has_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(is_full=False, request_no="", opens=[], open_until=None)
                | models.Q(is_full=True, open_until__isnull=False) & ~models.Q(request_no=""),
                name="export_in_full_is_approved",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="export_run_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="export_run_says_who_and_what",
                fields=[
                    "code",
                    "query",
                    "is_full",
                    "reason",
                    "request_no",
                    "opens",
                    "open_until",
                    "actor",
                    "at",
                    "ip",
                ],
            ),
        ]


class ExportDownload(models.Model):
    """One workbook handed out to one person; append-only (N25).

    How many rows it holds and which request let it out, its run says.
    """

    run = models.ForeignKey(ExportRun, models.PROTECT, related_name="downloads")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("downloaded by")
    )
    at = models.DateTimeField(_("downloaded at"))
    ip = models.GenericIPAddressField(null=True, blank=True)

    class Meta:
        verbose_name = _("download of an export")
        ordering = ["-id"]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

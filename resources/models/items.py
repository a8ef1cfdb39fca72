"""The rows of a handover: receivers by kind, and each thing with what became of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from documents.rows import Row
from documents.triggers import frozen_rows
from resources.choices import Outcome
from staff.handing import work_choices, work_source


class HandoverPart(Row):
    """移交对象 by kind: who gets all things of one kind."""

    document = models.ForeignKey("resources.WorkHandover", models.CASCADE, related_name="parts")
    kind = models.CharField(_("handover object"), max_length=30, choices=work_choices)
    receiver = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("receiver"),
    )

    class Meta(Row.Meta):
        verbose_name = _("handover object")
        constraints = [
            models.UniqueConstraint(fields=["document", "kind"], name="handover_part_once")
        ]
        triggers = [frozen_rows()]


class HandoverItem(models.Model):
    """One thing of the list, as its source named it when the list was drawn up.

    ``is_own_receiver``: somebody chose the receiver by hand, so that it stays when the list is
    drawn up anew. ``is_open`` holds from the submission until the batch is carried out or
    ends, and lets the database itself refuse the thing in a second batch (HND-04).
    """

    document = models.ForeignKey("resources.WorkHandover", models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    kind = models.CharField(_("handover object"), max_length=30)
    object_id = models.BigIntegerField()
    label = models.CharField(_("what"), max_length=200)
    detail = models.CharField(_("details"), max_length=200, blank=True)
    url = models.CharField(max_length=200, blank=True)
    customer = models.ForeignKey("customers.Customer", models.PROTECT, null=True, related_name="+")
    receiver = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("receiver"),
    )
    is_own_receiver = models.BooleanField(default=False)
    is_included = models.BooleanField(_("to be handed over"), default=True)
    problem = models.CharField(_("problem loan"), max_length=100, blank=True)
    is_open = models.BooleanField(default=False)
    outcome = models.CharField(
        pgettext_lazy("handover", "result"),
        max_length=8,
        choices=Outcome.choices,
        default=Outcome.WAITING,
    )
    code = models.CharField(max_length=10, blank=True)
    note = models.CharField(max_length=500, blank=True)
    moved_on = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("thing handed over")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["document", "kind", "object_id"], name="handover_item_once"
            ),
            models.UniqueConstraint(
                fields=["kind", "object_id"],
                condition=Q(is_open=True),
                name="handover_item_open_once",
            ),
        ]
        triggers = [frozen_rows()]

    def __str__(self) -> str:
        return self.label

    @property
    def title(self) -> str:
        """The name of its kind, in the reader's language."""
        source = work_source(self.kind)
        return str(source.title) if source else self.kind

    @property
    def receiver_name(self) -> str:
        """Who gets it, or that the rules find somebody; empty where nobody is named yet."""
        if self.receiver is not None:
            return self.receiver.name
        source = work_source(self.kind)
        return str(source.by_rule) if source else ""

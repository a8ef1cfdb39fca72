"""保留期与匿名化: who is held back, what was done, and which files go (R10)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

import pgtrigger


class LegalHold(models.Model):
    """A customer whose data must stay beyond its time: a lawsuit, an investigation."""

    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="legal_holds", verbose_name=_("customer")
    )
    reason = models.CharField(_("reason of the hold"), max_length=200)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("held by")
    )
    set_at = models.DateTimeField(_("held since"))
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("lifted by"),
    )
    lifted_at = models.DateTimeField(_("lifted at"), null=True)
    lift_reason = models.CharField(_("reason of the lifting"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("legal hold")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer"], condition=Q(lifted_at=None), name="one_hold_a_customer"
            ),
            models.CheckConstraint(
                condition=~Q(reason="")
                & (
                    Q(lifted_at=None, lifted_by=None, lift_reason="")
                    | Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lift_reason="")
                ),
                name="hold_gives_its_reasons",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="hold_says_who_and_why", fields=["customer", "reason", "set_by", "set_at"]
            ),
            pgtrigger.Protect(
                name="lifted_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.lifted_at IS NOT NULL"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.reason}"


class Anonymisation(models.Model):
    """The act for one customer: when, by which figures and how much; nothing of the person.

    ``by`` is empty for the daily job. ``opinions`` counts approval events that still name the
    person in somebody's words: the history is never edited (WF-16). Append-only.
    """

    customer = models.OneToOneField(
        "customers.Customer",
        models.PROTECT,
        related_name="anonymisation",
        verbose_name=_("customer"),
    )
    customer_no = models.CharField(_("customer number"), max_length=40)
    branch = models.ForeignKey(
        "staff.Branch", models.PROTECT, related_name="+", verbose_name=_("company branch")
    )
    ended_on = models.DateField(_("last business relation ended on"))
    keep_years = models.PositiveSmallIntegerField(_("years kept"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("done by"),
    )
    at = models.DateTimeField(_("done at"))
    contacts = models.PositiveIntegerField(_("contacts"))
    records = models.PositiveIntegerField(_("other records"))
    changes = models.PositiveIntegerField(_("change records"))
    snapshots = models.PositiveIntegerField(_("snapshots"))
    messages = models.PositiveIntegerField(_("messages"))
    files = models.PositiveIntegerField(_("files"))
    opinions = models.PositiveIntegerField(_("approval events that still name the person"))

    class Meta:
        verbose_name = _("anonymisation")
        ordering = ["-id"]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="not_while_held",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=(
                    "IF EXISTS (SELECT 1 FROM privacy_legalhold"
                    " WHERE customer_id = NEW.customer_id AND lifted_at IS NULL) THEN"
                    " RAISE EXCEPTION 'RET-02: customer % is held back', NEW.customer_id"
                    " USING ERRCODE = 'check_violation'; END IF; RETURN NEW;"
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.customer_no


class ErasedFile(models.Model):
    """A stored file whose bytes go: its row and its hash stay for the history.

    ``uses`` are the references that stood at the act; one more means that somebody has
    attached the same content anew, and the bytes stay. ``erased_at`` is empty until the bytes
    are gone.
    """

    file = models.ForeignKey("documents.StoredFile", models.PROTECT, related_name="erasures")
    act = models.ForeignKey(Anonymisation, models.PROTECT, related_name="erased_files")
    uses = models.PositiveIntegerField()
    erased_at = models.DateTimeField(null=True)
    is_kept = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("erased file")
        constraints = [
            models.UniqueConstraint(fields=["file", "act"], name="file_erased_once_an_act")
        ]
        indexes = [
            models.Index(
                fields=["id"], name="file_to_erase", condition=Q(erased_at=None, is_kept=False)
            )
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="erasure_says_which", fields=["file", "act", "uses"]),
        ]

    def __str__(self) -> str:
        return str(self.file)

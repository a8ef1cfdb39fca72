"""Voiding an approved document takes two people: who asked, and who answered."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

import pgtrigger

from documents.choices import VOIDERS, VoidState
from documents.querysets import VoidRequestQuerySet
from staff.choices import RoleCode


class VoidRequest(models.Model):
    """One request to void one approved document (domain.md §2.1).

    ``role`` is the one in which the requester asks; the other one of ``VOIDERS`` answers.
    ``answer`` says why it was declined.
    """

    document = models.ForeignKey("documents.Document", models.PROTECT, related_name="void_requests")
    reason = models.CharField(_("reason for voiding"), max_length=500)
    role = models.CharField(
        _("asks as"), max_length=12, choices=[(code, code.label) for code in VOIDERS]
    )
    state = models.CharField(
        _("state"), max_length=12, choices=VoidState.choices, default=VoidState.OPEN
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    requested_at = models.DateTimeField(_("asked at"))
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("answered by"),
    )
    closed_at = models.DateTimeField(_("answered at"), null=True)
    answer = models.CharField(_("reason for declining"), max_length=500, blank=True)

    objects = VoidRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request to void")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["document"],
                condition=models.Q(state=VoidState.OPEN),
                name="void_request_open_once",
            ),
            models.CheckConstraint(
                condition=models.Q(state=VoidState.OPEN, closed_by=None, closed_at=None)
                | models.Q(
                    ~models.Q(state=VoidState.OPEN),
                    closed_by__isnull=False,
                    closed_at__isnull=False,
                ),
                name="void_request_says_who_closed_it",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=(VoidState.CONFIRMED, VoidState.DECLINED))
                | ~models.Q(closed_by=models.F("requested_by")),
                name="void_request_takes_two_people",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=VoidState.values, role__in=VOIDERS),
                name="void_request_state_and_role",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="void_request_is_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="void_request_is_answered_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.state <> 'OPEN' OR (OLD.document_id, OLD.reason,"
                    " OLD.role, OLD.requested_by_id, OLD.requested_at) IS DISTINCT FROM"
                    " (NEW.document_id, NEW.reason, NEW.role,"
                    " NEW.requested_by_id, NEW.requested_at)"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document.doc_no} #{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state == VoidState.OPEN

    @property
    def answering_role(self) -> RoleCode:
        """Whoever holds it answers, unless he asked."""
        return RoleCode.ADM if self.role == RoleCode.HRM else RoleCode.HRM

"""问题升级单 (X3): a complaint or a risk, answered level by level until the reporter agrees."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from customers.triggers import follows_bad_customer
from documents.models import Document
from documents.querysets import DocumentQuerySet
from documents.triggers import frozen_fields
from issues.choices import Confirmation, IssueKind, IssueStatus, Level, Severity

#: what the levels and the reporter move while the document itself is frozen
_MOVING = ("level", "biz_status", "confirmation", "closed_at")


class IssueEscalation(Document):
    """The handler of the document speaks for the reporter; ``owner`` answers first.

    ``level`` is where the issue stands. ``loan`` and ``about`` are found by the numbers typed.
    """

    issue_kind = models.CharField(_("kind of issue"), max_length=12, choices=IssueKind.choices)
    severity = models.CharField(
        _("severity"), max_length=8, choices=Severity.choices, default=Severity.NORMAL
    )
    reporter = models.CharField(_("reporter"), max_length=50)
    reporter_contact = models.CharField(_("contact of the reporter"), max_length=50, blank=True)
    reported_on = models.DateField(_("reported on"))
    description = models.TextField(_("description of the issue"), max_length=2000)
    demand = models.TextField(_("what the reporter asks for"), max_length=1000, blank=True)
    customer = models.ForeignKey(
        "customers.Customer",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="issues",
        verbose_name=_("customer"),
    )
    loan_no = models.CharField(_("loan number"), max_length=40, blank=True)
    loan = models.ForeignKey(
        "funds.Loan",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="issues",
        verbose_name=_("loan"),
    )
    about_no = models.CharField(_("number of the document"), max_length=40, blank=True)
    about = models.ForeignKey(
        "documents.Document",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="issues",
        verbose_name=_("document"),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("person in charge"),
    )
    level = models.PositiveSmallIntegerField(
        _("level"), choices=Level.choices, default=Level.OWNER, editable=False
    )
    biz_status = models.CharField(
        _("business status"),
        max_length=10,
        choices=IssueStatus.choices,
        default=IssueStatus.OPEN,
        editable=False,
    )
    confirmation = models.CharField(
        _("the reporter's word"),
        max_length=8,
        choices=Confirmation.choices,
        blank=True,
        editable=False,
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, editable=False)

    objects = DocumentQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("issue escalation")
        constraints = [
            models.CheckConstraint(condition=Q(level__in=Level.values), name="issue_level_known"),
            models.CheckConstraint(
                condition=~Q(biz_status=IssueStatus.CLOSED, confirmation__in=["", "REFUSED"])
                & Q(biz_status__in=IssueStatus.values),
                name="issue_closes_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(biz_status=IssueStatus.CLOSED, closed_at__isnull=False)
                | ~Q(biz_status=IssueStatus.CLOSED) & Q(closed_at=None),
                name="issue_closed_at",
            ),
            models.CheckConstraint(
                condition=Q(about=None) | ~Q(about=F("document_ptr")),
                name="issue_not_about_itself",
            ),
        ]
        triggers = [frozen_fields(free=_MOVING), follows_bad_customer]

    def get_absolute_url(self) -> str:
        return reverse("issues:issue_detail", args=[self.pk])

"""贷后监管报告 (M16): one look at the borrower, every so many days."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

import pgtrigger

from customers.choices import CreditColour, RiskClass
from customers.triggers import follows_bad_customer
from documents.models import Document
from documents.querysets import DocumentQuerySet
from documents.triggers import frozen_fields
from postloan.choices.supervision import InspectionWay, ReminderStage, WarningSign

#: SPR-05 for every writer: after the end only what was due by the day of the settlement.
running_supervision = pgtrigger.Trigger(
    name="running_supervision",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    func=(
        "IF EXISTS (SELECT 1 FROM postloan_postloansupervision"
        " WHERE document_ptr_id = NEW.supervision_id AND biz_status = 'ENDED'"
        " AND (end_reason <> 'SETTLED' OR NEW.due_on > ended_on)) THEN"
        " RAISE EXCEPTION 'SPR-05: supervision % has ended', NEW.supervision_id"
        " USING ERRCODE = 'check_violation', CONSTRAINT = 'running_supervision'; END IF;"
        " RETURN NEW;"
    ),
)

#: SPR-02 for every writer: periods are claimed in their order.
periods_in_order = pgtrigger.Trigger(
    name="periods_in_order",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("claimed_period"),
    func=(
        "IF NEW.claimed_period > 1 AND NOT EXISTS (SELECT 1 FROM postloan_supervisionreport"
        " WHERE supervision_id = NEW.supervision_id AND claimed_period = NEW.claimed_period - 1)"
        " THEN RAISE EXCEPTION 'SPR-02: report % comes first', NEW.claimed_period - 1"
        " USING ERRCODE = 'check_violation', CONSTRAINT = 'periods_in_order'; END IF;"
        " RETURN NEW;"
    ),
)

#: 还款情况 as it stood when the report was submitted, and what the submission itself writes
_SUBMISSION = ("claimed_period", "submitted_on", "reported_on", "is_late")


def _text(label: Any) -> models.TextField:
    return models.TextField(label, max_length=1000, blank=True)


def _money(label: Any) -> models.DecimalField:
    return models.DecimalField(label, max_digits=18, decimal_places=2, null=True, editable=False)


class SupervisionReport(Document):
    """Report ``period`` of one supervision, due on ``due_on``.

    ``claimed_period`` repeats ``period`` from the submission until the report is withdrawn,
    rejected or void, so that the database itself refuses a second one (SPR-01).
    ``submitted_on`` is set while it is under approval or approved, ``reported_on`` from the first
    submission on: ``is_late`` compares it with the due date, or with the next working day.
    The figures of the ledger are those of the day on which it was saved or submitted last.
    """

    supervision = models.ForeignKey(
        "postloan.PostLoanSupervision",
        models.PROTECT,
        related_name="reports",
        verbose_name=pgettext_lazy("document", "post-loan supervision"),
    )
    customer = models.ForeignKey(
        "customers.Customer",
        models.PROTECT,
        related_name="supervision_reports",
        verbose_name=_("customer"),
    )
    loan = models.ForeignKey(
        "funds.Loan", models.PROTECT, related_name="supervision_reports", verbose_name=_("loan")
    )
    period = models.PositiveSmallIntegerField(
        pgettext_lazy("supervision report", "number"), editable=False
    )
    claimed_period = models.PositiveSmallIntegerField(null=True, editable=False)
    due_on = models.DateField(_("report due on"), editable=False)
    inspected_on = models.DateField(_("inspected on"))
    way = models.CharField(_("way of inspection"), max_length=10, choices=InspectionWay.choices)
    operations = _text(_("business operations"))
    finances = _text(_("finances"))
    use_of_funds = _text(_("use of the funds"))
    security = _text(_("collateral and guarantors"))
    unpaid_principal = _money(_("unpaid principal (CNY)"))
    due_total = _money(_("due and unpaid (CNY)"))
    overdue_days = models.PositiveIntegerField(_("days overdue"), null=True, editable=False)
    repaid = _money(_("repaid in the period (CNY)"))
    next_due = models.DateField(_("next instalment due on"), null=True, editable=False)
    next_amount = _money(_("next instalment (CNY)"))
    signs = ArrayField(
        models.CharField(max_length=20, choices=WarningSign.choices),
        verbose_name=_("warning signs"),
        default=list,
        blank=True,
    )
    colour = models.CharField(
        _("risk level"), max_length=10, choices=CreditColour.choices, blank=True
    )
    suggested_class = models.CharField(
        _("suggested class"), max_length=12, choices=RiskClass.choices, blank=True
    )
    next_steps = _text(_("next steps"))
    submitted_on = models.DateField(_("submitted on"), null=True, editable=False)
    reported_on = models.DateField(_("reported on"), null=True, editable=False)
    is_late = models.BooleanField(_("reported late"), null=True, editable=False)

    objects = DocumentQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("supervision report")
        constraints = [
            models.UniqueConstraint(
                fields=["supervision", "claimed_period"],
                condition=Q(claimed_period__isnull=False),
                name="report_period_once",
            ),
            models.CheckConstraint(
                condition=Q(period__gte=1)
                & (Q(claimed_period=None) | Q(claimed_period=F("period"))),
                name="report_claims_its_period",
            ),
            models.CheckConstraint(
                condition=Q(submitted_on=None)
                | Q(colour=CreditColour.GREEN)
                | Q(colour__in=(CreditColour.YELLOW, CreditColour.RED)) & ~Q(next_steps=""),
                name="report_bad_colour_has_steps",
            ),
            models.CheckConstraint(
                condition=Q(reported_on=None, is_late=None)
                | Q(reported_on__isnull=False, is_late__isnull=False),
                name="report_late_is_known",
            ),
        ]
        indexes = [
            models.Index(fields=["loan", "period"], name="report_of_loan"),
            # Asset recovery's are found from this alone.
            models.Index(fields=["customer", "document_ptr"], name="report_about_customer"),
            # The days of a month are counted from this alone.
            models.Index(
                fields=["due_on", "document_ptr"],
                include=["loan"],
                name="report_due",
                condition=Q(claimed_period__isnull=False),
            ),
        ]
        triggers = [
            frozen_fields(free=_SUBMISSION),
            follows_bad_customer,
            running_supervision,
            periods_in_order,
            pgtrigger.ReadOnly(
                name="report_period_fixed", fields=["supervision", "period", "due_on"]
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("postloan:report_detail", args=[self.pk])

    def get_signs_display(self) -> str:
        return gettext(", ").join(str(WarningSign(sign).label) for sign in self.signs)


class DutyReminder(models.Model):
    """A reminder that was sent; each of one due date once (domain M16).

    ``period`` 0 is the supervision itself.
    """

    task = models.ForeignKey("postloan.SupervisionTask", models.PROTECT, related_name="reminders")
    period = models.PositiveSmallIntegerField(pgettext_lazy("supervision report", "number"))
    due_on = models.DateField(_("report due on"))
    stage = models.CharField(_("reminder"), max_length=10, choices=ReminderStage.choices)
    sent_at = models.DateTimeField(_("sent at"))

    class Meta:
        verbose_name = _("reminder of a report")
        constraints = [
            models.UniqueConstraint(
                fields=["task", "period", "due_on", "stage"], name="duty_reminder_once"
            )
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.task_id} {self.period} {self.stage}"

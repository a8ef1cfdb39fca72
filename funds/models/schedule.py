"""还款计划: versions of a loan's schedule and their instalments."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

import pgtrigger

from applications.choices import RepaymentMethod
from funds.choices import LineStatus, ScheduleReason, ScheduleState
from funds.models.fields import money, not_negative, percent
from funds.models.loan import Loan


class ScheduleVersion(models.Model):
    """A schedule as it was agreed; a later one replaces it, nothing is edited or removed.

    ``principal`` is what was unpaid when it was made; its instalments add up to it (N30).
    What was due and unpaid by then is carried over into it as it was.
    """

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="schedules")
    no = models.PositiveSmallIntegerField(_("schedule version"))
    reason = models.CharField(_("reason"), max_length=12, choices=ScheduleReason.choices)
    state = models.CharField(
        _("state"),
        max_length=12,
        choices=ScheduleState.choices,
        default=ScheduleState.CURRENT,
    )
    principal = money(_("principal"))
    annual_rate = percent(_("annual rate (%)"))
    method = models.CharField(_("repayment method"), max_length=20, choices=RepaymentMethod.choices)
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))
    created_at = models.DateTimeField(_("creation date"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("repayment schedule")
        ordering = ["loan", "-no"]
        constraints = [
            models.UniqueConstraint(fields=["loan", "no"], name="schedule_version_once"),
            models.UniqueConstraint(
                fields=["loan"],
                condition=Q(state=ScheduleState.CURRENT),
                name="schedule_one_current",
            ),
            models.CheckConstraint(condition=Q(principal__gte=0), name="schedule_principal"),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="schedule_as_agreed", exclude=["state"]),
            pgtrigger.Protect(name="schedule_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.loan.loan_no} v{self.no}"

    @property
    def anchor(self) -> str:
        """The name of its part of the loan's page."""
        return f"schedule-{self.no}"


#: N30 at the commit: the instalments of a version add up to its principal.
lines_add_up = pgtrigger.Trigger(
    name="lines_add_up",
    when=pgtrigger.After,
    operation=pgtrigger.Insert,
    timing=pgtrigger.Deferred,
    declare=[("expected", "numeric"), ("found", "numeric")],
    func=(
        "SELECT principal INTO expected FROM funds_scheduleversion WHERE id = NEW.version_id;"
        " SELECT sum(principal) INTO found FROM funds_scheduleline"
        " WHERE version_id = NEW.version_id;"
        " IF found <> expected THEN"
        " RAISE EXCEPTION 'N30: schedule % adds up to %, not to %', NEW.version_id, found, expected"
        " USING ERRCODE = 'check_violation', CONSTRAINT = 'lines_add_up'; END IF;"
        " RETURN NULL;"
    ),
)


class ScheduleLine(models.Model):
    """One instalment: what was agreed, what grew because it was late, what was paid.

    ``base`` is the principal that earns interest from ``starts_on`` to ``contractual_due``;
    ``carried_interest`` is the part of ``interest`` that was earned before ``starts_on``.
    ``interest_booked`` is how much of ``interest`` stands in the journal. ``late_to`` and
    ``penalty_to`` are the days to which interest on the late principal and penalty interest
    have been counted: until the grace is over the second stays at the due date. ``cleared_on``
    is the value day on which the last of its principal and interest was paid or waived.
    """

    version = models.ForeignKey(ScheduleVersion, models.PROTECT, related_name="lines")
    no = models.PositiveSmallIntegerField(_("instalment"))
    starts_on = models.DateField(_("interest from"))
    contractual_due = models.DateField(_("interest to"))
    due = models.DateField(_("due date"))
    base = money(_("principal that earns interest"))
    annual_rate = percent(_("annual rate (%)"))
    principal = money(_("principal due"))
    interest = money(_("interest due"))
    carried_interest = money(_("interest carried over"))
    late_interest = money(_("interest on late principal"))
    penalty = money(_("penalty interest"))
    interest_booked = money(_("interest booked"))
    principal_paid = money(_("principal paid"))
    interest_paid = money(_("interest paid"))
    penalty_paid = money(_("penalty interest paid"))
    interest_waived = money(_("interest waived"))
    penalty_waived = money(_("penalty interest waived"))
    late_to = models.DateField()
    penalty_to = models.DateField()
    cleared_on = models.DateField(null=True)
    status = models.CharField(
        _("instalment status"), max_length=8, choices=LineStatus.choices, default=LineStatus.PENDING
    )

    class Meta:
        verbose_name = _("instalment")
        ordering = ["version", "no"]
        constraints = [
            models.UniqueConstraint(fields=["version", "no"], name="schedule_line_once"),
            models.CheckConstraint(
                condition=not_negative(
                    "base",
                    "principal",
                    "interest",
                    "carried_interest",
                    "late_interest",
                    "penalty",
                    "interest_booked",
                    "principal_paid",
                    "interest_paid",
                    "penalty_paid",
                    "interest_waived",
                    "penalty_waived",
                ),
                name="schedule_line_amounts",
            ),
            models.CheckConstraint(
                condition=Q(principal_paid__lte=F("principal"))
                & Q(carried_interest__lte=F("interest"))
                & Q(interest_booked__lte=F("interest"))
                & Q(
                    interest_paid__lte=F("interest_booked")
                    + F("late_interest")
                    - F("interest_waived")
                )
                & Q(penalty_paid__lte=F("penalty") - F("penalty_waived")),
                name="schedule_line_not_overpaid",
            ),
        ]
        indexes = [
            # The days of a month are counted from this alone.
            models.Index(fields=["due", "id"], include=["version"], name="schedule_line_due"),
        ]
        triggers = [
            lines_add_up,
            pgtrigger.ReadOnly(
                name="line_as_agreed",
                fields=[
                    "version",
                    "no",
                    "starts_on",
                    "contractual_due",
                    "due",
                    "base",
                    "principal",
                    "interest",
                    "carried_interest",
                    "annual_rate",
                ],
            ),
            pgtrigger.Protect(name="line_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.version} / {self.no}"

    @property
    def unpaid_principal(self) -> Decimal:
        return self.principal - self.principal_paid

    @property
    def unpaid_interest(self) -> Decimal:
        """Scheduled and late interest, due or not."""
        return self.interest + self.late_interest - self.interest_paid - self.interest_waived

    @property
    def unpaid_penalty(self) -> Decimal:
        return self.penalty - self.penalty_paid - self.penalty_waived

    @property
    def uncleared(self) -> Decimal:
        """Principal and interest that are unpaid: penalty interest alone makes nobody overdue."""
        return self.unpaid_principal + self.unpaid_interest

    @property
    def unpaid(self) -> Decimal:
        return self.uncleared + self.unpaid_penalty

    @property
    def total(self) -> Decimal:
        return self.principal + self.interest

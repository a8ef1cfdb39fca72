"""借据 (domain M24): one loan that was paid out, with what it stands at."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

import pgtrigger

from applications.choices import DayCount, RepaymentMethod
from customers.choices import RiskClass
from funds.choices import ENDED_STATUSES, LoanStatus
from funds.models.fields import money, not_negative, percent
from funds.querysets import LoanQuerySet
from lending_crm.common.search import SearchIndex

#: N1 for every writer: the loans of an application never exceed what was approved.
within_approval = pgtrigger.Trigger(
    name="within_approval",
    when=pgtrigger.After,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("principal"),
    declare=[("approved", "numeric"), ("paid_out", "numeric")],
    func=(
        # The lock makes two disbursements of one application take turns.
        "SELECT approved_amount INTO approved FROM applications_businessapplication"
        " WHERE document_ptr_id = NEW.application_id FOR NO KEY UPDATE;"
        " SELECT sum(principal) INTO paid_out FROM funds_loan"
        " WHERE application_id = NEW.application_id;"
        " IF approved IS NULL OR paid_out > approved THEN"
        " RAISE EXCEPTION 'FTR-03: % is paid out, % approved', paid_out, approved"
        " USING ERRCODE = 'check_violation', CONSTRAINT = 'within_approval'; END IF;"
        " RETURN NULL;"
    ),
)

#: CMP-04 for every writer: of a completed business nothing is booked any more.
completed_is_closed = pgtrigger.Trigger(
    name="completed_is_closed",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update,
    func=(
        "IF EXISTS (SELECT 1 FROM applications_businessapplication"
        " WHERE document_ptr_id = NEW.application_id AND biz_status = 'COMPLETED') THEN"
        " RAISE EXCEPTION 'CMP-04: the business of loan % is completed', NEW.loan_no"
        " USING ERRCODE = 'check_violation', CONSTRAINT = 'completed_is_closed'; END IF;"
        " RETURN NEW;"
    ),
)

_RANKS = ", ".join(f"'{code}'" for code in RiskClass.values)

#: N28 at the commit: no class better than the days overdue allow (CLS-01).
class_not_better = pgtrigger.Trigger(
    name="class_not_better",
    when=pgtrigger.After,
    operation=pgtrigger.Insert | pgtrigger.Update,
    timing=pgtrigger.Deferred,
    declare=[("floor", "text"), ("given", "text")],
    func=(
        "SELECT loan.risk_class, tier.risk_class INTO given, floor FROM funds_loan loan"  # noqa: S608
        " JOIN funds_classbucket tier ON tier.from_day <= loan.overdue_days"
        " AND (tier.to_day IS NULL OR tier.to_day >= loan.overdue_days)"
        " WHERE loan.id = NEW.id AND loan.status NOT IN ('SETTLED', 'WRITTEN_OFF');"
        f" IF array_position(ARRAY[{_RANKS}], given) < array_position(ARRAY[{_RANKS}], floor)"
        " THEN RAISE EXCEPTION 'CLS-01: loan % is %, its days allow %', NEW.id, given, floor"
        " USING ERRCODE = 'check_violation', CONSTRAINT = 'class_not_better'; END IF;"
        " RETURN NULL;"
    ),
)


class Loan(models.Model):
    """A loan and its running figures; the journal proves them.

    ``annual_rate`` is the rate agreed last. That of an extension holds from the start of the
    extension, so what a period costs stands on its instalment (``funds.selectors.rates``).
    ``cost_cap`` is the cap on the day of the contract (R1, R2, R5); it holds for the
    loan's whole life. ``booked_to`` is the day up to which interest and penalties stand in the
    journal: acts come in the order of their value days, and what has grown since is computed
    when it is asked for. ``overdue_since`` is the oldest unpaid due date, ``cured_on`` the day
    on which the last arrears were paid and ``classified_on`` that of the last change of class:
    an upgrade waits from the later of them (domain §5). ``counted_on`` is the day of the last
    daily count and ``counted_since`` what ``overdue_since`` was then; only the count sets them.
    """

    loan_no = models.CharField(_("loan number"), max_length=40, unique=True, editable=False)
    application = models.ForeignKey(
        "applications.BusinessApplication",
        models.PROTECT,
        related_name="loans",
        verbose_name=_("business application"),
    )
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="loans", verbose_name=_("customer")
    )
    branch = models.ForeignKey(
        "staff.Branch", models.PROTECT, related_name="loans", verbose_name=_("company branch")
    )
    product = models.ForeignKey(
        "applications.Product", models.PROTECT, related_name="loans", verbose_name=_("product")
    )
    contract_no = models.CharField(_("contract number"), max_length=60, blank=True)
    principal = money(_("disbursed amount"))
    unpaid_principal = money(_("unpaid principal"))
    annual_rate = percent(_("annual rate (%)"))
    cost_cap = percent(_("cap of the all-in annual cost (%)"))
    method = models.CharField(_("repayment method"), max_length=20, choices=RepaymentMethod.choices)
    day_count = models.CharField(_("day count"), max_length=8, choices=DayCount.choices)
    term_months = models.PositiveSmallIntegerField(_("term (months)"))
    start_date = models.DateField(_("interest starts on"))
    due_date = models.DateField(_("due date"))
    original_due_date = models.DateField(_("original due date"))
    status = models.CharField(
        _("loan status"), max_length=12, choices=LoanStatus.choices, default=LoanStatus.NORMAL
    )
    overdue_since = models.DateField(_("overdue since"), null=True, blank=True)
    overdue_days = models.PositiveIntegerField(_("days overdue"), default=0)
    risk_class = models.CharField(
        _("risk class"), max_length=12, choices=RiskClass.choices, default=RiskClass.NORMAL
    )
    manual_class = models.CharField(
        _("class set by hand"), max_length=12, choices=RiskClass.choices, blank=True
    )
    classified_on = models.DateField(_("classified on"))
    cured_on = models.DateField(_("arrears paid on"), null=True, blank=True)
    extension_count = models.PositiveSmallIntegerField(_("extensions"), default=0)
    extended_on = models.DateField(_("last extended on"), null=True, blank=True)
    is_misused = models.BooleanField(_("funds misused"), default=False)
    schedule_version = models.PositiveSmallIntegerField(_("schedule version"), default=0)
    booked_to = models.DateField(_("booked to"))
    last_entry = models.PositiveIntegerField(default=0)
    counted_on = models.DateField(_("days overdue counted on"))
    counted_since = models.DateField(null=True)
    settled_on = models.DateField(_("settled on"), null=True, blank=True)
    created_at = models.DateTimeField(_("creation date"))
    version = models.PositiveIntegerField(default=1)

    objects = LoanQuerySet.as_manager()

    class Meta:
        verbose_name = _("loan")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=not_negative("unpaid_principal", "annual_rate")
                & Q(unpaid_principal__lte=F("principal"))
                & (Q(principal__gt=0) | Q(principal=0, status=LoanStatus.REVERSED)),
                name="loan_principal_range",
            ),
            models.CheckConstraint(
                condition=Q(due_date__gt=F("start_date")),
                name="loan_dates_ascend",
            ),
            models.CheckConstraint(
                condition=Q(status__in=LoanStatus.values) & Q(risk_class__in=RiskClass.values),
                name="loan_status_known",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=ENDED_STATUSES) | Q(unpaid_principal=0),
                name="loan_ended_owes_nothing",
            ),
            models.CheckConstraint(
                condition=Q(overdue_since=None, overdue_days=0) | Q(overdue_since__isnull=False),
                name="loan_overdue_has_day",
            ),
        ]
        indexes = [
            models.Index(fields=["branch", "-created_at", "-id"], name="loan_of_branch"),
            models.Index(fields=["-created_at", "-id"], name="loan_newest"),
            models.Index(fields=["due_date", "id"], name="loan_due"),
            models.Index(fields=["-overdue_days", "-id"], name="loan_overdue"),
            models.Index(fields=["-unpaid_principal", "-id"], name="loan_unpaid"),
            SearchIndex("loan_no__lower", name="loan_no_search"),
            SearchIndex("contract_no__lower", name="loan_contract_search"),
            models.Index(fields=["customer", "-created_at"], name="loan_of_customer"),
            models.Index(
                fields=["counted_on", "id"],
                name="loan_running",
                condition=~Q(status__in=ENDED_STATUSES),
            ),
        ]
        triggers = [
            within_approval,
            completed_is_closed,
            class_not_better,
            pgtrigger.ReadOnly(
                name="loan_identity_fixed",
                fields=["loan_no", "application", "customer", "start_date", "original_due_date"],
            ),
            pgtrigger.Protect(name="loan_is_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.loan_no

    def get_absolute_url(self) -> str:
        return reverse("funds:loan-detail", args=[self.pk])

    @property
    def is_ended(self) -> bool:
        return self.status in ENDED_STATUSES

    def days_overdue(self, day: date) -> int:
        """From the oldest unpaid due date; the due date itself is no day overdue."""
        return max((day - self.overdue_since).days, 0) if self.overdue_since else 0

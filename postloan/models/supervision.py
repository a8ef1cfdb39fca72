"""贷后监管 (M15): where the money of one transfer went, and who watches the loan."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

import pgtrigger

from customers.choices import CreditColour
from customers.triggers import follows_bad_customer
from documents.models import Document
from documents.querysets import DocumentQuerySet
from documents.rows import Row
from documents.triggers import frozen_fields, frozen_rows
from postloan.choices.supervision import EndReason, SupervisionStatus, UseCheck

#: PLS-01 and PLS-02 for every writer.
executed_transfer = pgtrigger.Trigger(
    name="executed_transfer",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("transfer_id", "application_id"),
    declare=[("business", "bigint"), ("status", "text")],
    func=(
        "SELECT application_id, biz_status INTO business, status FROM funds_fundtransfer"
        " WHERE document_ptr_id = NEW.transfer_id;"
        " IF business IS DISTINCT FROM NEW.application_id THEN"
        " RAISE EXCEPTION 'PLS-01: transfer % is of another business', NEW.transfer_id"
        " USING ERRCODE = 'check_violation', CONSTRAINT = 'executed_transfer'; END IF;"
        " IF TG_OP = 'INSERT' AND status IS DISTINCT FROM 'EXECUTED' THEN"
        " RAISE EXCEPTION 'PLS-02: transfer % is not executed', NEW.transfer_id"
        " USING ERRCODE = 'check_violation', CONSTRAINT = 'executed_transfer'; END IF;"
        " RETURN NEW;"
    ),
)

#: what the life of the loan writes on a supervision whose content is decided
_LIFE = (
    "live_transfer_id",
    "submitted_on",
    "base_on",
    "interval_days",
    "biz_status",
    "ended_on",
    "end_reason",
    "supervisor_id",
)


def end_reason_label(code: str) -> str:
    """The reason in the reader's language; a reason given in words stays as it is."""
    return str(EndReason(code).label) if code in EndReason.values else code


class PostLoanSupervision(Document):
    """The supervision of one executed transfer.

    ``live_transfer`` repeats ``transfer`` while the supervision is neither rejected nor void,
    so that the database itself refuses a second one (PLS-03). ``submitted_on`` is set while it
    is under approval or approved. ``base_on`` is 发起日, the day of its first submission, and
    ``interval_days`` the setting of that day: the reports' due dates follow from both and never
    move (A6).
    """

    customer = models.ForeignKey(
        "customers.Customer",
        models.PROTECT,
        related_name="supervisions",
        verbose_name=_("customer"),
    )
    application = models.ForeignKey(
        "applications.BusinessApplication",
        models.PROTECT,
        related_name="supervisions",
        verbose_name=_("business application"),
    )
    transfer = models.ForeignKey(
        "funds.FundTransfer",
        models.PROTECT,
        related_name="supervisions",
        verbose_name=_("fund transfer confirmation"),
    )
    live_transfer = models.OneToOneField(
        "funds.FundTransfer",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="live_supervision",
    )
    loan = models.ForeignKey(
        "funds.Loan", models.PROTECT, related_name="supervisions", verbose_name=_("loan")
    )
    principal = models.DecimalField(
        _("disbursed amount (CNY)"), max_digits=18, decimal_places=2, editable=False
    )
    disbursed_on = models.DateField(_("disbursed on"), editable=False)
    due_date = models.DateField(_("due date"), editable=False)
    agreed_use = models.TextField(_("agreed use"), blank=True, editable=False)
    submit_by = models.DateField(_("to be submitted by"), editable=False)
    supervisor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="supervised",
        verbose_name=_("supervisor"),
    )
    first_check_on = models.DateField(_("first supervised on"))
    use_check = models.CharField(
        _("actual use"), max_length=10, choices=UseCheck.choices, blank=True
    )
    measures = models.TextField(_("supervision measures"), max_length=1000, blank=True)
    control = models.CharField(
        _("supervised account, seals in joint keeping"), max_length=200, blank=True
    )
    colour = models.CharField(
        _("risk level"), max_length=10, choices=CreditColour.choices, blank=True
    )
    submitted_on = models.DateField(_("submitted on"), null=True, editable=False)
    base_on = models.DateField(_("supervision began on"), null=True, editable=False)
    interval_days = models.PositiveSmallIntegerField(
        _("days between reports"), null=True, editable=False
    )
    biz_status = models.CharField(
        _("business status"),
        max_length=10,
        choices=SupervisionStatus.choices,
        default=SupervisionStatus.RUNNING,
        editable=False,
    )
    ended_on = models.DateField(_("ended on"), null=True, editable=False)
    end_reason = models.CharField(_("ended because"), max_length=200, blank=True, editable=False)

    objects = DocumentQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = pgettext_lazy("document", "post-loan supervision")
        constraints = [
            models.CheckConstraint(
                condition=Q(live_transfer=None) | Q(live_transfer=F("transfer")),
                name="supervision_of_its_transfer",
            ),
            models.CheckConstraint(
                condition=Q(submitted_on=None)
                | Q(use_check=UseCheck.YES)
                | Q(
                    use_check__in=(UseCheck.NO, UseCheck.PARTLY),
                    colour__in=(CreditColour.YELLOW, CreditColour.RED),
                )
                & ~Q(measures=""),
                name="supervision_differing_use",
            ),
            models.CheckConstraint(
                condition=Q(base_on=None, interval_days=None)
                | Q(base_on__isnull=False, interval_days__gte=1),
                name="supervision_has_schedule",
            ),
            models.CheckConstraint(
                condition=Q(biz_status=SupervisionStatus.RUNNING, ended_on=None, end_reason="")
                | Q(biz_status=SupervisionStatus.ENDED, ended_on__isnull=False) & ~Q(end_reason=""),
                name="supervision_end_complete",
            ),
        ]
        indexes = [models.Index(fields=["loan", "biz_status"], name="supervision_of_loan")]
        triggers = [frozen_fields(free=_LIFE), follows_bad_customer, executed_transfer]

    def get_absolute_url(self) -> str:
        return reverse("postloan:supervision_detail", args=[self.pk])

    def get_end_reason_display(self) -> str:
        return end_reason_label(self.end_reason)

    @property
    def is_running(self) -> bool:
        return self.biz_status == SupervisionStatus.RUNNING


class FundFlowRow(Row):
    """资金流向核实: one payment that the borrower made with the money."""

    document = models.ForeignKey(
        "postloan.PostLoanSupervision", models.CASCADE, related_name="fund_flow"
    )
    payee = models.CharField(_("paid to"), max_length=80)
    amount = models.DecimalField(_("amount paid (CNY)"), max_digits=18, decimal_places=2)
    use = models.CharField(_("used for"), max_length=100)
    proof = models.CharField(_("proof"), max_length=100, blank=True)

    class Meta(Row.Meta):
        verbose_name = _("fund flow")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="fund_flow_amount_positive")
        ]
        triggers = [frozen_rows()]


class SupervisionTask(models.Model):
    """What is to be supervised: laid down when the money of a transfer goes out.

    ``submit_by`` is the last day for the supervision; ``closed_for`` says why nothing is due any
    more and is empty while something may be. Supervisions and reports to come follow from it.
    """

    transfer = models.OneToOneField(
        "funds.FundTransfer", models.PROTECT, related_name="supervision_task"
    )
    submit_by = models.DateField(_("to be submitted by"))
    closed_for = models.CharField(_("ended because"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("supervision task")
        indexes = [
            models.Index(
                fields=["submit_by"], name="supervision_task_open", condition=Q(closed_for="")
            )
        ]

    def __str__(self) -> str:
        return f"{self.transfer_id} {self.submit_by}"


class SupervisionSetting(models.Model):
    """监管参数: there is exactly one row. Days between reports are calendar days (A6)."""

    interval_days = models.PositiveSmallIntegerField(_("days between reports"), default=15)
    on_site_every = models.PositiveSmallIntegerField(
        _("one report on site out of so many"), default=3
    )
    submit_within = models.PositiveSmallIntegerField(
        _("working days for the supervision after a transfer"), default=5
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("supervision settings")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="supervision_setting_single"),
            models.CheckConstraint(
                condition=Q(interval_days__range=(1, 90), on_site_every__range=(2, 12))
                & Q(submit_within__range=(1, 30)),
                name="supervision_setting_range",
                violation_error_message=_(
                    "1 to 90 days between reports, 2 to 12 reports, 1 to 30 working days."
                ),
            ),
        ]

    def __str__(self) -> str:
        return str(_("supervision settings"))

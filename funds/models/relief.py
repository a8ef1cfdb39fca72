"""退息、免息单 (domain M13): interest that goes back to its payer, or is forgiven."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from customers.triggers import follows_bad_customer
from documents.models import Document
from documents.querysets import DocumentQuerySet
from documents.triggers import frozen_fields
from funds.choices import ReliefReason, ReliefStatus, ReliefType
from funds.models.fields import money, not_negative, percent
from funds.models.payment import PAYMENT_COLUMNS, Payment, executed_by_another, paid_only_as
from lending_crm.common.accounts import AccountNumberField

_FREE = ("biz_status", "open_loan_id", "claimed", "entry_id", *PAYMENT_COLUMNS)


class InterestRefundWaiver(Payment, Document):
    """One request about one loan; amounts in yuan, ``relief_type`` decides its number.

    ``amount`` is interest, ``penalty_part`` penalty interest beside it (免息 only). The computed
    columns are those of the day on which it was saved or submitted last: ``base`` is the
    principal on ``from_date``, ``calc_amount`` what domain §4.11 gives for the period,
    ``max_amount`` what may go back or be forgiven at most. ``open_loan`` repeats ``loan`` from
    the submission to the end of the matter, so that the database itself refuses a second one
    (INT-03, N7); ``claimed`` is what it holds of ``max_amount`` meanwhile.
    """

    customer = models.ForeignKey(
        "customers.Customer",
        models.PROTECT,
        related_name="interest_reliefs",
        verbose_name=_("customer"),
    )
    application = models.ForeignKey(
        "applications.BusinessApplication",
        models.PROTECT,
        related_name="interest_reliefs",
        verbose_name=_("business application"),
    )
    loan = models.ForeignKey(
        "funds.Loan", models.PROTECT, related_name="interest_reliefs", verbose_name=_("loan")
    )
    open_loan = models.OneToOneField(
        "funds.Loan", models.PROTECT, null=True, editable=False, related_name="open_relief"
    )
    relief_type = models.CharField(_("refund or waiver"), max_length=8, choices=ReliefType.choices)
    reason = models.CharField(
        _("reason for the relief"), max_length=16, choices=ReliefReason.choices
    )
    from_date = models.DateField(_("interest period from"), null=True, blank=True)
    to_date = models.DateField(_("interest period to"), null=True, blank=True)
    base = money(_("principal of the period (CNY)"), null=True, default=None, editable=False)
    annual_rate = percent(_("annual rate (%)"), null=True, editable=False)
    days = models.PositiveIntegerField(_("days of the period"), null=True, editable=False)
    calc_amount = money(_("computed amount (CNY)"), null=True, default=None, editable=False)
    max_amount = money(_("most that is possible (CNY)"), null=True, default=None, editable=False)
    unpaid_penalty = money(_("unpaid penalty interest (CNY)"), editable=False)
    amount = models.DecimalField(
        _("requested amount (CNY)"),
        max_digits=18,
        decimal_places=2,
        validators=[MinValueValidator(0)],
    )
    penalty_part = money(
        _("penalty interest waived besides (CNY)"), validators=[MinValueValidator(0)]
    )
    payee_name = models.CharField(_("payee's name"), max_length=80, blank=True)
    payee_bank = models.CharField(_("payee's bank"), max_length=80, blank=True)
    payee_account = AccountNumberField(_("payee's account"), max_length=30, blank=True)
    claimed = money(_("held of the limit"), editable=False)
    biz_status = models.CharField(
        _("business status"),
        max_length=12,
        choices=ReliefStatus.choices,
        default=ReliefStatus.APPLYING,
        editable=False,
    )
    entry = models.OneToOneField(
        "funds.LedgerEntry",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="relief",
        verbose_name=_("journal entry"),
    )

    objects = DocumentQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("interest refund or waiver")
        constraints = [
            models.CheckConstraint(
                condition=Q(relief_type__in=ReliefType.values)
                & Q(biz_status__in=ReliefStatus.values),
                name="relief_type_known",
            ),
            models.CheckConstraint(
                condition=not_negative("amount", "penalty_part")
                & (Q(open_loan=None) | Q(amount__gt=0) | Q(penalty_part__gt=0)),
                name="relief_amounts_positive",
            ),
            models.CheckConstraint(
                condition=~Q(relief_type=ReliefType.REFUND) | Q(penalty_part=0),
                name="relief_refund_has_no_penalty",
            ),
            models.CheckConstraint(
                condition=Q(open_loan=None) | Q(open_loan=F("loan")), name="relief_of_its_loan"
            ),
            models.CheckConstraint(
                condition=Q(claimed=0)
                | Q(claimed=F("amount"), claimed__lte=F("max_amount"), open_loan__isnull=False),
                name="relief_within_limit",
            ),
            models.CheckConstraint(
                condition=Q(penalty_part__lte=F("unpaid_penalty"))
                | Q(open_loan=None)
                | Q(claimed=0),
                name="relief_penalty_within_unpaid",
            ),
            models.CheckConstraint(
                condition=Q(entry__isnull=False)
                & Q(biz_status__in=(ReliefStatus.REFUNDED, ReliefStatus.WAIVED))
                | Q(entry=None) & Q(biz_status__in=(ReliefStatus.APPLYING, ReliefStatus.PENDING)),
                name="relief_booked_once_done",
            ),
            models.CheckConstraint(
                condition=paid_only_as(ReliefStatus.REFUNDED), name="relief_payment_complete"
            ),
            models.UniqueConstraint(
                fields=["bank_ref"], condition=~Q(bank_ref=""), name="relief_reference_once"
            ),
        ]
        indexes = [models.Index(fields=["loan", "biz_status"], name="relief_of_loan")]
        triggers = [frozen_fields(free=_FREE), follows_bad_customer, executed_by_another]

    def get_absolute_url(self) -> str:
        return reverse("funds:relief_detail", args=[self.pk])

    @property
    def is_refund(self) -> bool:
        return self.relief_type == ReliefType.REFUND

"""返点申请 (domain M14): what a channel gets for a business that it brought."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

import pgtrigger

from documents.models import Document
from documents.querysets import DocumentQuerySet
from documents.triggers import frozen_fields
from funds.choices import RebateStatus
from funds.models.fields import money, percent
from funds.models.payment import PAYMENT_COLUMNS, Payment, executed_by_another, paid_only_as
from lending_crm.common.accounts import AccountNumberField

#: N9 for every writer: rebates never take more than the reserve of executed transfers.
rebates_within_reserve = pgtrigger.Trigger(
    name="rebates_within_reserve",
    when=pgtrigger.After,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("claimed"),
    condition=pgtrigger.Condition("NEW.claimed > 0"),
    declare=[("reserve", "numeric"), ("claims", "numeric")],
    func=(
        # The lock makes two rebates of one application take turns.
        "PERFORM 1 FROM applications_businessapplication"
        " WHERE document_ptr_id = NEW.application_id FOR NO KEY UPDATE;"
        " SELECT coalesce(sum(rebate_amount), 0) INTO reserve FROM funds_fundtransfer"
        " WHERE application_id = NEW.application_id AND biz_status = 'EXECUTED';"
        " SELECT sum(claimed) INTO claims FROM funds_rebateapplication"
        " WHERE application_id = NEW.application_id;"
        " IF claims > reserve THEN"
        " RAISE EXCEPTION 'REB-01: % is claimed, % reserved', claims, reserve"
        " USING ERRCODE = 'check_violation', CONSTRAINT = 'rebates_within_reserve'; END IF;"
        " RETURN NULL;"
    ),
)

#: N29: what left the bank for a loan does not leave it again as a rebate.
reference_leaves_once = pgtrigger.Trigger(
    name="reference_leaves_once",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("bank_ref"),
    condition=pgtrigger.Condition("NEW.bank_ref <> ''"),
    func=(
        # The same lock as in the journal's trigger: one of two payments sees the other.
        "PERFORM pg_advisory_xact_lock(hashtextextended('bank reference ' || NEW.bank_ref, 0));"
        " IF EXISTS (SELECT 1 FROM funds_ledgerentry WHERE bank_ref = NEW.bank_ref"
        " AND kind IN ('DISBURSEMENT', 'REFUND')) THEN"
        " RAISE EXCEPTION 'FTR-07: bank reference % is booked', NEW.bank_ref"
        " USING ERRCODE = 'check_violation', CONSTRAINT = 'reference_leaves_once'; END IF;"
        " RETURN NEW;"
    ),
)

_FREE = ("biz_status", "open_application_id", "claimed", "claimed_on", *PAYMENT_COLUMNS)


class RebateApplication(Payment, Document):
    """One payment to the channel of one business; amounts in yuan, ratios in percent.

    ``disbursed``, ``reserve`` and ``available`` are those of the day on which it was saved or
    submitted last. ``open_application`` repeats ``application`` from the submission to the
    payment, so that the database itself refuses a second one (REB-05, N7). ``claimed`` is what
    it takes of the reserve since ``claimed_on``; a paid rebate keeps its claim.
    """

    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="rebates", verbose_name=_("customer")
    )
    application = models.ForeignKey(
        "applications.BusinessApplication",
        models.PROTECT,
        related_name="rebates",
        verbose_name=_("business application"),
    )
    open_application = models.OneToOneField(
        "applications.BusinessApplication",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="open_rebate",
    )
    channel = models.ForeignKey(
        "customers.Customer",
        models.PROTECT,
        editable=False,
        related_name="channel_rebates",
        verbose_name=_("rebate channel"),
    )
    rebate_ratio = percent(_("rebate ratio (%)"), editable=False, default=0)
    disbursed = money(_("disbursed amount"), editable=False)
    reserve = money(_("rebate reserve of the transfers"), editable=False)
    available = money(_("rebate available"), editable=False)
    amount = models.DecimalField(
        _("requested amount (CNY)"),
        max_digits=18,
        decimal_places=2,
        validators=[MinValueValidator(0)],
    )
    payee_name = models.CharField(_("payee's name"), max_length=80, blank=True)
    payee_bank = models.CharField(_("payee's bank"), max_length=80, blank=True)
    payee_account = AccountNumberField(_("payee's account"), max_length=30, blank=True)
    claimed = money(_("claimed of the reserve"), editable=False)
    claimed_on = models.DateField(_("claimed on"), null=True, editable=False)
    biz_status = models.CharField(
        _("business status"),
        max_length=12,
        choices=RebateStatus.choices,
        default=RebateStatus.APPLYING,
        editable=False,
    )

    objects = DocumentQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("rebate application")
        constraints = [
            models.CheckConstraint(
                condition=Q(biz_status__in=RebateStatus.values), name="rebate_status_known"
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0) | Q(amount=0, open_application=None, claimed=0),
                name="rebate_amount_positive",
            ),
            models.CheckConstraint(
                condition=Q(open_application=None) | Q(open_application=F("application")),
                name="rebate_of_its_business",
            ),
            models.CheckConstraint(
                condition=Q(claimed=0, claimed_on=None)
                | Q(claimed=F("amount"), claimed_on__isnull=False),
                name="rebate_claim_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(biz_status=RebateStatus.PAID) | Q(claimed__gt=0),
                name="rebate_paid_is_claimed",
            ),
            models.CheckConstraint(
                condition=paid_only_as(RebateStatus.PAID), name="rebate_payment_complete"
            ),
            models.UniqueConstraint(
                fields=["bank_ref"], condition=~Q(bank_ref=""), name="rebate_reference_once"
            ),
        ]
        indexes = [
            models.Index(fields=["application", "biz_status"], name="rebate_of_business"),
            models.Index(fields=["channel", "claimed_on"], name="rebate_of_channel"),
        ]
        triggers = [
            frozen_fields(free=_FREE),
            executed_by_another,
            rebates_within_reserve,
            reference_leaves_once,
        ]

    def get_absolute_url(self) -> str:
        return reverse("funds:rebate_detail", args=[self.pk])

"""资金划拨确认书 (domain M12): one payment of an approved loan, and what became of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

import pgtrigger

from customers.triggers import follows_bad_customer
from documents.models import Document
from documents.querysets import DocumentQuerySet
from documents.triggers import frozen_fields
from funds.choices import TransferStatus
from funds.models.fields import money, not_negative, percent
from funds.models.payment import executed_by_another
from lending_crm.common.accounts import AccountNumberField
from lending_crm.common.search import SearchIndex

#: N1 for every writer: what transfers claim of an application never exceeds the approval.
claims_within_approval = pgtrigger.Trigger(
    name="claims_within_approval",
    when=pgtrigger.After,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("claimed"),
    declare=[("approved", "numeric"), ("claims", "numeric")],
    func=(
        # The lock makes two transfers of one application take turns.
        "SELECT approved_amount INTO approved FROM applications_businessapplication"
        " WHERE document_ptr_id = NEW.application_id FOR NO KEY UPDATE;"
        " SELECT sum(claimed) INTO claims FROM funds_fundtransfer"
        " WHERE application_id = NEW.application_id;"
        " IF claims > coalesce(approved, 0) THEN"
        " RAISE EXCEPTION 'FTR-03: % is claimed, % approved', claims, approved"
        " USING ERRCODE = 'check_violation', CONSTRAINT = 'claims_within_approval'; END IF;"
        " RETURN NULL;"
    ),
)

#: N9 for every writer: the reserve that a rebate has taken does not go with its transfer.
reserve_not_taken = pgtrigger.Trigger(
    name="reserve_not_taken",
    when=pgtrigger.After,
    operation=pgtrigger.UpdateOf("biz_status"),
    condition=pgtrigger.Condition("OLD.biz_status = 'EXECUTED' AND NEW.biz_status <> 'EXECUTED'"),
    declare=[("reserve", "numeric"), ("claims", "numeric")],
    func=(
        # The lock makes a reversal and a rebate of one application take turns.
        "PERFORM 1 FROM applications_businessapplication"
        " WHERE document_ptr_id = NEW.application_id FOR NO KEY UPDATE;"
        " SELECT coalesce(sum(rebate_amount), 0) INTO reserve FROM funds_fundtransfer"
        " WHERE application_id = NEW.application_id AND biz_status = 'EXECUTED';"
        " SELECT coalesce(sum(claimed), 0) INTO claims FROM funds_rebateapplication"
        " WHERE application_id = NEW.application_id;"
        " IF claims > reserve THEN"
        " RAISE EXCEPTION 'REB-11: rebates of % rest on a reserve of %', claims, reserve"
        " USING ERRCODE = 'check_violation', CONSTRAINT = 'reserve_not_taken'; END IF;"
        " RETURN NULL;"
    ),
)

#: what the execution writes on a document whose content is decided
_EXECUTION = (
    "biz_status",
    "claimed",
    "executed_on",
    "bank_ref",
    "executor_id",
    "loan_id",
    "outcome_reason",
)


class FundTransfer(Document):
    """Amounts in yuan. ``claimed`` is what the transfer takes of the approval from its
    submission until it is withdrawn, rejected, void or reversed: zero or ``principal``.
    ``outcome_reason`` says why the payment failed or was reversed.
    """

    customer = models.ForeignKey(
        "customers.Customer",
        models.PROTECT,
        related_name="fund_transfers",
        verbose_name=_("customer"),
    )
    application = models.ForeignKey(
        "applications.BusinessApplication",
        models.PROTECT,
        related_name="fund_transfers",
        verbose_name=_("business application"),
    )
    review = models.ForeignKey(
        "contracts.ContractReview",
        models.PROTECT,
        related_name="fund_transfers",
        verbose_name=_("contract formality review"),
    )
    approved_amount = money(_("approved amount"), editable=False)
    disbursed = money(_("disbursed or in process"), editable=False)
    undisbursed = money(_("undisbursed amount"), editable=False)
    principal = money(_("amount of this disbursement (CNY)"), default=None)
    plan_on = models.DateField(_("planned transfer date"))
    payee_name = models.CharField(_("payee's name"), max_length=80, editable=False)
    payee_bank = models.CharField(_("payee's bank"), max_length=80, editable=False)
    payee_account = AccountNumberField(_("payee's account"), max_length=30, editable=False)
    hq_ratio = percent(_("head office's share (%)"), editable=False)
    channel = models.ForeignKey(
        "customers.Customer",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("rebate channel"),
    )
    rebate_ratio = percent(_("rebate ratio (%)"), editable=False, default=0)
    hq_amount = money(_("head-office amount"), editable=False)
    branch_amount = money(_("branch amount"), editable=False)
    rebate_amount = money(_("rebate amount"), editable=False)
    total_amount = money(_("total amount"), editable=False)
    biz_status = models.CharField(
        _("business status"),
        max_length=12,
        choices=TransferStatus.choices,
        default=TransferStatus.APPLYING,
        editable=False,
    )
    claimed = money(_("claimed of the approval"), editable=False)
    executed_on = models.DateField(_("transferred on"), null=True, editable=False)
    bank_ref = models.CharField(_("bank reference"), max_length=60, blank=True, editable=False)
    executor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("executor"),
    )
    loan = models.ForeignKey(
        "funds.Loan",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="transfers",
        verbose_name=_("loan"),
    )
    outcome_reason = models.CharField(
        _("reason of failure or reversal"), max_length=200, blank=True, editable=False
    )

    objects = DocumentQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("fund transfer confirmation")
        constraints = [
            models.CheckConstraint(
                condition=Q(principal__gt=0)
                & not_negative("hq_amount", "branch_amount", "rebate_amount"),
                name="transfer_amounts_positive",
            ),
            models.CheckConstraint(
                condition=Q(principal=F("hq_amount") + F("branch_amount")),
                name="transfer_parts_make_principal",
            ),
            models.CheckConstraint(
                condition=Q(total_amount=F("hq_amount") + F("branch_amount") + F("rebate_amount")),
                name="transfer_total_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(claimed=0) | Q(claimed=F("principal")), name="transfer_claim_is_whole"
            ),
            models.CheckConstraint(
                condition=Q(
                    biz_status__in=(TransferStatus.EXECUTED, TransferStatus.REVERSED),
                    executed_on__isnull=False,
                    executor__isnull=False,
                    loan__isnull=False,
                )
                & ~Q(bank_ref="")
                | Q(
                    biz_status__in=(
                        TransferStatus.APPLYING,
                        TransferStatus.PENDING,
                        TransferStatus.FAILED,
                    ),
                    executed_on=None,
                    executor=None,
                    loan=None,
                    bank_ref="",
                ),
                name="transfer_execution_complete",
            ),
            models.UniqueConstraint(
                fields=["bank_ref"], condition=~Q(bank_ref=""), name="transfer_reference_once"
            ),
        ]
        indexes = [
            models.Index(fields=["application", "biz_status"], name="transfer_of_business"),
            SearchIndex("bank_ref__lower", name="transfer_reference_search"),
        ]
        triggers = [
            frozen_fields(free=_EXECUTION),
            follows_bad_customer,
            claims_within_approval,
            executed_by_another,
            reserve_not_taken,
        ]

    def get_absolute_url(self) -> str:
        return reverse("funds:transfer_detail", args=[self.pk])

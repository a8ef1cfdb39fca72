"""业务申请单 (M5): the request for a loan, from draft to approved terms."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

import pgtrigger

from applications.choices import (
    BizKind,
    BizStatus,
    GuaranteeWay,
    Purpose,
    UpliftReason,
    joined_labels,
)
from applications.querysets import BusinessApplicationQuerySet
from customers.triggers import follows_bad_customer
from documents.choices import WfStatus
from documents.models import Document
from documents.triggers import frozen_fields


class BusinessApplication(Document):
    """The officer's request; totals, exposure and all-in cost are computed when it is saved.

    ``open_opportunity`` repeats ``opportunity`` while the application is open, so that the
    database itself refuses a second one (BUS-08, N7): a partial index cannot look at the
    approval status, which lives in the parent table.
    """

    customer = models.ForeignKey(
        "customers.Customer",
        models.PROTECT,
        related_name="applications",
        verbose_name=_("customer"),
    )
    opportunity = models.ForeignKey(
        "customers.Opportunity",
        models.PROTECT,
        related_name="applications",
        verbose_name=_("opportunity"),
    )
    open_opportunity = models.OneToOneField(
        "customers.Opportunity",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="open_application",
    )
    borrower = models.ForeignKey(
        "customers.Contact",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="borrowed_applications",
        verbose_name=_("main contact (borrower)"),
    )
    biz_kind = models.CharField(
        _("business type"), max_length=12, choices=BizKind.choices, default=BizKind.NEW
    )
    previous_loan_no = models.CharField(_("old loan"), max_length=60, blank=True)
    purpose = models.CharField(
        _("use of funds"), max_length=20, choices=Purpose.choices, blank=True
    )
    purpose_note = models.TextField(_("note on the use"), max_length=2000, blank=True)
    repay_source = models.TextField(_("source of repayment"), max_length=2000, blank=True)
    guarantee = ArrayField(
        models.CharField(max_length=12, choices=GuaranteeWay.choices),
        verbose_name=_("guarantee"),
        default=list,
        blank=True,
    )
    channel = models.ForeignKey(
        "customers.Customer",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="introduced_applications",
        verbose_name=_("rebate channel"),
    )
    rebate_ratio = models.DecimalField(
        _("rebate ratio (%)"),
        max_digits=9,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    amount_total = models.DecimalField(
        _("total requested amount"),
        max_digits=18,
        decimal_places=2,
        default=Decimal(0),
        editable=False,
    )
    exposure = models.DecimalField(
        _("exposure"), max_digits=18, decimal_places=2, default=Decimal(0), editable=False
    )
    all_in_rate = models.DecimalField(
        _("all-in annual cost (%)"), max_digits=9, decimal_places=4, null=True, editable=False
    )
    uplift_reasons = ArrayField(
        models.CharField(max_length=20, choices=UpliftReason.choices),
        verbose_name=_("one band up because"),
        default=list,
        editable=False,
    )
    approved_amount = models.DecimalField(
        _("approved amount"), max_digits=18, decimal_places=2, null=True, editable=False
    )
    approved_term = models.PositiveSmallIntegerField(
        _("approved term (months)"), null=True, editable=False
    )
    approved_rate = models.DecimalField(
        _("approved annual rate (%)"), max_digits=9, decimal_places=4, null=True, editable=False
    )
    approved_conditions = models.TextField(
        _("conditions of the approval"), blank=True, editable=False
    )
    approved_on = models.DateField(_("approved on"), null=True, editable=False)
    approval_valid_until = models.DateField(_("approval valid until"), null=True, editable=False)
    biz_status = models.CharField(
        _("business status"),
        max_length=20,
        choices=BizStatus.choices,
        default=BizStatus.APPLYING,
        editable=False,
    )
    #: the approved 复议 that grants what this application was refused; its own status stays
    reconsidered_by = models.OneToOneField(
        "applications.Reconsideration",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="granted",
        verbose_name=_("granted by the reconsideration"),
    )
    copied_from = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="copies",
        verbose_name=_("copied from"),
    )

    objects = BusinessApplicationQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("business application")
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_amount=None)
                | Q(approved_amount__gt=0, approved_amount__lte=models.F("amount_total")),
                name="approved_amount_range",
            ),
            models.CheckConstraint(
                condition=Q(rebate_ratio=None) | Q(rebate_ratio__gte=0),
                name="rebate_ratio_positive",
            ),
            models.CheckConstraint(
                condition=Q(biz_status__in=BizStatus.values), name="application_biz_status"
            ),
        ]
        indexes = [
            models.Index(fields=["-amount_total", "-document_ptr"], name="application_amount"),
            models.Index(fields=["biz_status"], name="application_biz"),
            models.Index(
                fields=["customer", "approval_valid_until"],
                name="application_commitments",
                condition=Q(approved_amount__isnull=False),
            ),
            models.Index(
                fields=["approval_valid_until"],
                name="application_expiring",
                condition=Q(biz_status=BizStatus.APPROVED),
            ),
        ]
        triggers = [
            frozen_fields(free=["biz_status", "open_opportunity_id"]),
            follows_bad_customer,
            # 已完结 is the end of a business (M18).
            pgtrigger.Protect(
                name="completed_is_final",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__biz_status=BizStatus.COMPLETED),
            ),
        ]

    def get_guarantee_display(self) -> str:
        return joined_labels(GuaranteeWay, self.guarantee)

    def get_uplift_reasons_display(self) -> str:
        return joined_labels(UpliftReason, self.uplift_reasons)

    def get_absolute_url(self) -> str:
        return reverse("applications:detail", args=[self.pk])

    @property
    def is_granted(self) -> bool:
        """Approved, by its own case or by a reconsideration: ask this, not the status (M6)."""
        return self.wf_status == WfStatus.APPROVED or self.reconsidered_by_id is not None

    @property
    def is_over(self) -> bool:
        """Expired, void or rejected: it led to no loan and never will."""
        if self.biz_status == BizStatus.EXPIRED:
            return True
        has_ended = self.wf_status in (WfStatus.VOID, WfStatus.REJECTED)
        return has_ended and not self.is_granted

    @property
    def is_unsecured(self) -> bool:
        """信用: some or all of the amount stands on no security at all."""
        return GuaranteeWay.CREDIT in self.guarantee

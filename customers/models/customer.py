"""客户: static facts of those the lender does business with (domain.md M1)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

import pgtrigger

from customers.choices import (
    BorrowerTier,
    CompanySize,
    CustomerSource,
    CustomerStatus,
    CustomerType,
    Industry,
    RelationKind,
    RiskClass,
    Tier,
)
from customers.models.base import Recorded
from customers.models.group import CustomerGroup
from customers.querysets import CustomerQuerySet
from customers.triggers import turns_bad
from lending_crm.common.crypto import EncryptedTextField, blind_index
from lending_crm.common.identity import mask_card, mask_id_no, mask_phone
from lending_crm.common.search import SearchIndex
from lending_crm.common.text import search_key


class Customer(Recorded):
    """One customer of any type; which fields belong to which type is in ``rules.fields``."""

    customer_no = models.CharField(_("customer number"), max_length=40, unique=True, editable=False)
    customer_type = models.CharField(
        _("customer type"), max_length=12, choices=CustomerType.choices
    )
    name = models.CharField(_("customer name"), max_length=80)
    uscc = models.CharField(_("unified social credit code"), max_length=18, blank=True)
    id_no = EncryptedTextField(_("ID number"), blank=True)
    id_no_index = models.CharField(max_length=64, blank=True, editable=False)
    legal_rep = models.CharField(_("legal representative"), max_length=30, blank=True)
    controller = models.CharField(_("actual controller"), max_length=30, blank=True)
    founded_on = models.DateField(_("founded on"), null=True, blank=True)
    reg_capital = models.DecimalField(
        _("registered capital (10,000 yuan)"),
        max_digits=18,
        decimal_places=2,
        null=True,
        blank=True,
    )
    paid_capital = models.DecimalField(
        _("paid-in capital (10,000 yuan)"),
        max_digits=18,
        decimal_places=2,
        null=True,
        blank=True,
    )
    industry = models.CharField(_("industry"), max_length=1, choices=Industry.choices, blank=True)
    size = models.CharField(
        _("company size"), max_length=8, choices=CompanySize.choices, blank=True
    )
    reg_addr = models.CharField(_("registered address"), max_length=200, blank=True)
    biz_addr = models.CharField(_("business address"), max_length=200, blank=True)
    main_business = models.CharField(_("main business"), max_length=2000, blank=True)
    phone = models.CharField(_("telephone"), max_length=20)
    bank = models.CharField(_("bank of deposit"), max_length=80, blank=True)
    acct_name = models.CharField(_("account name"), max_length=80, blank=True)
    acct_no = EncryptedTextField(_("account number"), blank=True)
    source = models.CharField(_("customer source"), max_length=12, choices=CustomerSource.choices)
    channel = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="introduced_customers",
        verbose_name=_("introducing channel"),
    )
    tier = models.CharField(
        _("customer tier"), max_length=1, choices=Tier.choices, default=Tier.D, editable=False
    )
    #: the day after which a prospect that did not rise is given back; None before it is graded
    grade_due = models.DateField(_("grade effective until"), null=True, editable=False)
    #: since when a prospect stands in 公海; its account manager then keeps it no longer
    pooled_at = models.DateTimeField(_("in the public pool since"), null=True, editable=False)
    borrower_tier = models.CharField(
        _("borrower tier"),
        max_length=8,
        choices=BorrowerTier.choices,
        default=BorrowerTier.NORMAL,
        editable=False,
    )
    biz_status = models.CharField(
        _("customer status"),
        max_length=12,
        choices=CustomerStatus.choices,
        default=CustomerStatus.PROSPECT,
        editable=False,
    )
    risk_class = models.CharField(
        _("risk class"),
        max_length=12,
        choices=RiskClass.choices,
        default=RiskClass.NORMAL,
        editable=False,
    )
    group = models.ForeignKey(
        CustomerGroup,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="members",
        verbose_name=_("customer group"),
    )
    agreement_no = models.CharField(_("channel agreement number"), max_length=40, blank=True)
    rebate_ratio = models.DecimalField(
        _("rebate ratio (%)"), max_digits=9, decimal_places=4, null=True, blank=True
    )
    agreement_end = models.DateField(_("agreement ends on"), null=True, blank=True)
    relation_kind = models.CharField(
        _("relation"), max_length=16, choices=RelationKind.choices, blank=True
    )
    principal_customer = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="related_companies",
        verbose_name=_("principal customer"),
    )
    sms_consent = models.BooleanField(_("agrees to text messages"), default=False)
    sms_consent_at = models.DateTimeField(
        _("text message consent given at"), null=True, blank=True, editable=False
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        db_index=False,
        related_name="customers",
        editable=False,
        verbose_name=_("account manager"),
    )
    #: 协办人: whose customer it was before asset recovery took it over; he still sees it
    co_handler = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="co_handled_customers",
        editable=False,
        verbose_name=_("co-handler"),
    )
    creator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        editable=False,
        verbose_name=_("creator"),
    )
    department = models.ForeignKey(
        "staff.Department",
        models.PROTECT,
        related_name="customers",
        editable=False,
        verbose_name=_("department"),
    )
    branch = models.ForeignKey(
        "staff.Branch",
        models.PROTECT,
        related_name="customers",
        editable=False,
        verbose_name=_("company branch"),
    )
    remark = models.CharField(_("remark"), max_length=2000, blank=True)
    #: since when nothing here says any more who it was (R10); nobody changes it afterwards
    anonymised_at = models.DateTimeField(_("anonymised at"), null=True, editable=False)
    search_text = models.TextField(editable=False, default="")

    objects = CustomerQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(
                fields=["owner", "customer_type", "-created_at", "-id"], name="customer_of_owner"
            ),
            # Whose customers are not 不良 is read from this alone.
            models.Index(fields=["owner", "biz_status", "id"], name="customer_status_of_owner"),
            models.Index(
                fields=["branch", "customer_type", "-created_at", "-id"], name="customer_of_branch"
            ),
            models.Index(fields=["customer_type", "-created_at", "-id"], name="customer_of_type"),
            models.Index(
                fields=["customer_type", "tier", "-created_at", "-id"], name="customer_of_tier"
            ),
            models.Index(fields=["-created_at", "-id"], name="customer_newest"),
            models.Index(fields=["name", "id"], name="customer_name"),
            models.Index(fields=["biz_status", "-created_at", "-id"], name="customer_of_status"),
            models.Index(fields=["risk_class", "-created_at", "-id"], name="customer_of_risk"),
            SearchIndex("search_text", name="customer_search"),
            # What 关联风险提示 looks other customers up by, and the nightly run those due.
            models.Index(fields=["phone"], name="customer_phone"),
            models.Index(
                fields=["legal_rep"],
                name="customer_legal_rep",
                condition=~models.Q(legal_rep=""),
            ),
            models.Index(
                fields=["controller"],
                name="customer_controller",
                condition=~models.Q(controller=""),
            ),
            models.Index(
                fields=["reg_addr"], name="customer_reg_addr", condition=~models.Q(reg_addr="")
            ),
            models.Index(
                fields=["biz_addr"], name="customer_biz_addr", condition=~models.Q(biz_addr="")
            ),
            models.Index(
                fields=["grade_due", "id"],
                name="customer_grade_due",
                condition=models.Q(biz_status=CustomerStatus.PROSPECT, pooled_at=None),
            ),
            models.Index(
                fields=["-pooled_at", "-id"],
                name="customer_pooled",
                condition=models.Q(pooled_at__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["uscc"], condition=~models.Q(uscc=""), name="customer_uscc_once"
            ),
            models.UniqueConstraint(
                fields=["id_no_index"],
                condition=~models.Q(id_no_index=""),
                name="customer_id_no_once",
            ),
            models.CheckConstraint(
                condition=models.Q(customer_type__in=CustomerType.values),
                name="customer_type_known",
            ),
            models.CheckConstraint(
                condition=models.Q(borrower_tier__in=BorrowerTier.values),
                name="customer_borrower_tier_known",
            ),
            models.CheckConstraint(
                condition=models.Q(pooled_at=None)
                | models.Q(
                    biz_status__in=(
                        CustomerStatus.PROSPECT,
                        CustomerStatus.BAD,
                        CustomerStatus.BLACKLISTED,
                    )
                ),
                name="customer_pool_holds_no_borrowers",
            ),
            models.CheckConstraint(
                condition=models.Q(biz_status__in=CustomerStatus.values),
                name="customer_biz_status_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(customer_type=CustomerType.UPDOWN)
                | models.Q(principal_customer__isnull=False) & ~models.Q(relation_kind=""),
                name="customer_updown_has_principal",
            ),
            models.CheckConstraint(
                condition=models.Q(co_handler=None)
                | models.Q(biz_status__in=(CustomerStatus.BAD, CustomerStatus.BLACKLISTED))
                & ~models.Q(co_handler=models.F("owner")),
                name="customer_co_handled_while_bad",
            ),
            models.CheckConstraint(
                condition=~models.Q(principal_customer=models.F("id")),
                name="customer_not_its_own_principal",
            ),
            models.CheckConstraint(
                condition=~models.Q(channel=models.F("id")), name="customer_not_its_own_channel"
            ),
            models.CheckConstraint(
                condition=models.Q(anonymised_at=None)
                | models.Q(
                    uscc="",
                    id_no_index="",
                    legal_rep="",
                    controller="",
                    reg_addr="",
                    biz_addr="",
                    phone="",
                    acct_name="",
                ),
                name="customer_anonymised_has_no_numbers",
            ),
            models.CheckConstraint(
                condition=models.Q(rebate_ratio=None)
                | models.Q(rebate_ratio__gte=0, rebate_ratio__lte=100),
                name="customer_rebate_ratio_percent",
            ),
            models.CheckConstraint(
                condition=(models.Q(reg_capital=None) | models.Q(reg_capital__gte=0))
                & (models.Q(paid_capital=None) | models.Q(paid_capital__gte=0)),
                name="customer_capital_not_negative",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="customer_type_fixed", fields=["customer_type", "customer_no"]),
            turns_bad,
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        self.id_no_index = blind_index(self.id_no) if self.id_no else ""
        parts = (search_key(self.name), self.customer_no.lower(), self.uscc.lower())
        self.search_text = " ".join(part for part in parts if part)
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def get_absolute_url(self) -> str:
        return reverse("customers:customer-detail", args=[self.pk])

    @property
    def is_blocked(self) -> bool:
        """不良 or 黑名单: no new business (BUS-07)."""
        return self.biz_status in (CustomerStatus.BAD, CustomerStatus.BLACKLISTED)

    @property
    def is_in_recovery(self) -> bool:
        """Handed over to asset recovery, whose officer is its ``owner`` now (M19)."""
        return self.co_handler_id is not None

    @property
    def masked_id_no(self) -> str:
        return mask_id_no(self.id_no)

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone)

    @property
    def masked_acct_no(self) -> str:
        return mask_card(self.acct_no)

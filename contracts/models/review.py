"""合同手续审核单 (M11): what must be in order between the approval and the money."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from applications.choices import RepaymentMethod
from contracts.choices import PayeeKind
from customers.triggers import follows_bad_customer
from documents.models import Document
from documents.querysets import DocumentQuerySet
from documents.triggers import frozen_fields
from lending_crm.common.accounts import AccountNumberField
from lending_crm.common.search import SearchIndex


class ContractReview(Document):
    """The formalities of one approved application.

    ``plan`` is the plan of the whole contract as it is typed, for the method CUSTOM only.
    ``valid_application`` repeats ``application`` while the review is under approval or
    approved, so that the database itself refuses a second one (CTR-08, N7).
    """

    customer = models.ForeignKey(
        "customers.Customer",
        models.PROTECT,
        related_name="contract_reviews",
        verbose_name=_("customer"),
    )
    application = models.ForeignKey(
        "applications.BusinessApplication",
        models.PROTECT,
        related_name="contract_reviews",
        verbose_name=_("business application"),
    )
    valid_application = models.OneToOneField(
        "applications.BusinessApplication",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="valid_review",
    )
    contract_no = models.CharField(_("contract number"), max_length=60)
    contract_name = models.CharField(_("contract name"), max_length=100)
    signed_on = models.DateField(_("signed on"))
    amount = models.DecimalField(
        _("contract amount (CNY)"), max_digits=18, decimal_places=2, null=True, blank=True
    )
    term_months = models.PositiveSmallIntegerField(
        _("term (months)"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    annual_rate = models.DecimalField(
        _("annual rate (%)"),
        max_digits=9,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    method = models.CharField(
        _("repayment method"), max_length=20, choices=RepaymentMethod.choices, blank=True
    )
    plan = models.TextField(
        _("repayment plan"),
        max_length=20000,
        blank=True,
        help_text=_(
            "For repayment by plan only: month, colon, principal, one repayment a line. Left"
            " empty, the approved plan holds in proportion to the contract."
        ),
    )
    start_date = models.DateField(_("interest from"), null=True, blank=True)
    due_date = models.DateField(_("due date"), null=True, editable=False)
    payee_kind = models.CharField(
        _("payment to"), max_length=12, choices=PayeeKind.choices, default=PayeeKind.BORROWER
    )
    payee_name = models.CharField(_("payee"), max_length=80, blank=True)
    payee_bank = models.CharField(_("payee's bank"), max_length=80, blank=True)
    payee_account = AccountNumberField(_("payee's account"), max_length=30, blank=True)
    entrusted_contract = models.CharField(
        _("contract behind the entrusted payment"), max_length=100, blank=True
    )
    first_verifier = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("first verifier"),
    )
    second_verifier = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("second verifier"),
    )

    objects = DocumentQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("contract formality review")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount=None) | Q(amount__gt=0), name="review_amount_positive"
            ),
            models.CheckConstraint(
                condition=Q(first_verifier=None) | ~Q(first_verifier=F("second_verifier")),
                name="review_two_verifiers",
            ),
            models.UniqueConstraint(
                fields=["contract_no"],
                condition=Q(valid_application__isnull=False),
                name="review_contract_no",
            ),
        ]
        indexes = [SearchIndex("contract_no__lower", name="review_contract_search")]
        triggers = [frozen_fields(free=["valid_application_id"]), follows_bad_customer]

    def get_absolute_url(self) -> str:
        return reverse("contracts:review_detail", args=[self.pk])

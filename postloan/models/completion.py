"""客户完结 (M18): businesses that are settled in every respect are closed for good."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contracts.choices import PaperForm
from customers.triggers import follows_bad_customer
from documents.models import Document
from documents.querysets import DocumentQuerySet
from documents.rows import Row
from documents.triggers import frozen_fields, frozen_rows
from postloan.choices.completion import CompletionWay, Evaluation, ReleaseStep, Renewal


def _figure(label: Any) -> models.DecimalField:
    return models.DecimalField(
        label, max_digits=18, decimal_places=2, default=Decimal(0), editable=False
    )


class CustomerCompletion(Document):
    """One completion of a customer's businesses; its two amounts are in yuan.

    ``disbursed`` and ``outstanding`` add up the figures of its businesses on the day on which
    it was saved or submitted last.
    """

    customer = models.ForeignKey(
        "customers.Customer",
        models.PROTECT,
        related_name="completions",
        verbose_name=_("customer"),
        editable=False,
    )
    way = models.CharField(_("way of completion"), max_length=16, choices=CompletionWay.choices)
    settled_on = models.DateField(_("settled on"))
    archive_no = models.CharField(_("archive number"), max_length=60, blank=True)
    evaluation = models.CharField(
        _("evaluation of the customer"), max_length=12, choices=Evaluation.choices, blank=True
    )
    renewal = models.CharField(
        _("further loans"), max_length=12, choices=Renewal.choices, blank=True
    )
    evaluation_note = models.TextField(_("note on the evaluation"), max_length=1000, blank=True)
    disbursed = _figure(_("disbursed in total (CNY)"))
    outstanding = _figure(_("outstanding in total (CNY)"))

    objects = DocumentQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("customer completion")
        constraints = [
            models.CheckConstraint(
                condition=Q(way__in=CompletionWay.values), name="completion_way_known"
            )
        ]
        triggers = [frozen_fields(), follows_bad_customer]

    def get_absolute_url(self) -> str:
        return reverse("postloan:completion_detail", args=[self.pk])


class CompletedBusiness(Row):
    """One business of a completion with what the ledger says of it, in yuan.

    ``claimed`` repeats ``application`` while the completion is on its way or approved, so that
    the database itself refuses a second one (N7, CMP-02, CMP-04).
    """

    document = models.ForeignKey(CustomerCompletion, models.CASCADE, related_name="businesses")
    application = models.ForeignKey(
        "applications.BusinessApplication",
        models.PROTECT,
        related_name="+",
        verbose_name=pgettext_lazy("completion", "business"),
    )
    claimed = models.OneToOneField(
        "applications.BusinessApplication",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="completed_by",
    )
    disbursed = _figure(_("disbursed (CNY)"))
    principal_paid = _figure(_("principal repaid (CNY)"))
    interest_paid = _figure(_("interest paid (CNY)"))
    penalty_paid = _figure(_("penalty paid (CNY)"))
    fee_paid = _figure(_("fees paid (CNY)"))
    outstanding = _figure(_("outstanding (CNY)"))

    class Meta(Row.Meta):
        verbose_name = _("business of a completion")
        constraints = [
            models.UniqueConstraint(fields=["document", "application"], name="completed_row_once"),
            models.CheckConstraint(
                condition=Q(claimed=None) | Q(claimed=F("application"), outstanding=0),
                name="completed_business_owes_nothing",
            ),
        ]
        triggers = [frozen_rows()]

    def get_application_display(self) -> str:
        return self.application.doc_no


class GuaranteeRelease(Row):
    """担保解除: one step for one security of a business; the list follows from the businesses."""

    document = models.ForeignKey(CustomerCompletion, models.CASCADE, related_name="releases")
    business_no = models.CharField(_("business number"), max_length=40)
    security = models.CharField(_("security or guarantor"), max_length=200)
    step = models.CharField(_("formality"), max_length=16, choices=ReleaseStep.choices)
    is_done = models.BooleanField(_("done"), default=False)
    done_on = models.DateField(_("done on"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta(Row.Meta):
        verbose_name = _("guarantee release")
        triggers = [frozen_rows()]


class ReturnedMaterial(Row):
    """返还材料清单: one paper that the customer gets back."""

    document = models.ForeignKey(CustomerCompletion, models.CASCADE, related_name="materials")
    material = models.CharField(_("material"), max_length=100)
    form = models.CharField(
        _("original or copy"), max_length=10, choices=PaperForm.choices, default=PaperForm.ORIGINAL
    )
    copies = models.PositiveSmallIntegerField(
        _("copies"), default=1, validators=[MinValueValidator(1), MaxValueValidator(99)]
    )
    receiver = models.CharField(_("received by"), max_length=60, blank=True)

    class Meta(Row.Meta):
        verbose_name = _("returned material")
        triggers = [frozen_rows()]

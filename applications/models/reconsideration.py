"""业务复议申请单 (M6): a rejected application, asked for once more one level higher."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

import pgtrigger

from applications.choices import GuaranteeWay, UpliftReason, joined_labels
from customers.triggers import follows_bad_customer
from documents.models import Document
from documents.querysets import DocumentQuerySet
from documents.triggers import frozen_fields

#: 复议理由 and 新增事实 say something from this length on
SHORTEST_TEXT = 20

#: REC-01 and REC-05 in the database: a rejection is final and the request frozen with it, so
#: what holds when the row is written holds for good.
within_origin = pgtrigger.Trigger(
    name="within_origin",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update,
    declare=[("requested", "numeric")],
    func="""
        SELECT application.amount_total INTO requested
        FROM applications_businessapplication application
        JOIN documents_document document ON document.id = application.document_ptr_id
        WHERE document.id = NEW.origin_id AND document.wf_status = 'REJECTED';
        IF requested IS NULL THEN
            RAISE EXCEPTION 'REC-01: application % was not rejected', NEW.origin_id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'reconsideration_origin';
        END IF;
        IF NEW.amount > requested THEN
            RAISE EXCEPTION 'REC-05: % is more than was requested', NEW.amount
                USING ERRCODE = 'check_violation', CONSTRAINT = 'reconsideration_amount';
        END IF;
        RETURN NEW;
    """,
)


class Reconsideration(Document):
    """What is asked anew of ``origin``, with the rejection as its history tells it.

    ``open_origin`` repeats ``origin`` until the document has ended and ``decided_origin`` from
    a decision on, so that the database itself refuses a second open one (REC-03, N7) and one
    after a decision (REC-02, N5). ``rejected_level`` is the authority level of the step that
    rejected, 0 where it had none.
    """

    customer = models.ForeignKey(
        "customers.Customer",
        models.PROTECT,
        related_name="reconsiderations",
        verbose_name=_("customer"),
        editable=False,
    )
    opportunity = models.ForeignKey(
        "customers.Opportunity",
        models.PROTECT,
        related_name="reconsiderations",
        verbose_name=_("opportunity"),
        editable=False,
    )
    origin = models.ForeignKey(
        "applications.BusinessApplication",
        models.PROTECT,
        related_name="reconsiderations",
        verbose_name=_("original application"),
        editable=False,
    )
    open_origin = models.OneToOneField(
        "applications.BusinessApplication",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="open_reconsideration",
    )
    decided_origin = models.OneToOneField(
        "applications.BusinessApplication",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="decided_reconsideration",
    )
    rejected_node = models.CharField(_("rejected at"), max_length=120, editable=False)
    rejected_node_en = models.CharField(max_length=120, blank=True, editable=False)
    rejected_by = models.CharField(_("rejected by"), max_length=400, editable=False)
    rejected_opinion = models.TextField(_("opinion of the rejection"), editable=False)
    rejected_on = models.DateField(_("rejected on"), editable=False)
    rejected_level = models.PositiveSmallIntegerField(
        _("authority of the rejection"), default=0, editable=False
    )
    reason = models.TextField(
        _("reason for the reconsideration"),
        max_length=2000,
        blank=True,
        help_text=_("At least 20 characters."),
    )
    new_facts = models.TextField(
        _("new facts"), max_length=2000, blank=True, help_text=_("At least 20 characters.")
    )
    amount = models.DecimalField(_("reconsidered amount (CNY)"), max_digits=18, decimal_places=2)
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
    guarantee = ArrayField(
        models.CharField(max_length=12, choices=GuaranteeWay.choices),
        verbose_name=_("guarantee"),
        default=list,
        blank=True,
    )
    guarantee_note = models.TextField(_("change of the guarantee"), max_length=2000, blank=True)
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
    decided_on = models.DateField(_("decided on"), null=True, editable=False)

    objects = DocumentQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("reconsideration")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="reconsidered_amount_positive"),
            models.CheckConstraint(
                condition=(Q(open_origin=None) | Q(open_origin=F("origin")))
                & (Q(decided_origin=None) | Q(decided_origin=F("origin")))
                & (Q(open_origin=None) | Q(decided_origin=None)),
                name="reconsideration_claims",
            ),
            models.CheckConstraint(
                condition=Q(decided_on=None) | Q(decided_origin__isnull=False),
                name="reconsideration_decided",
            ),
        ]
        triggers = [
            within_origin,
            frozen_fields(free=["open_origin_id", "decided_origin_id", "decided_on"]),
            follows_bad_customer,
        ]

    def get_rejected_node_display(self) -> str:
        is_english = (get_language() or "").startswith("en")
        return self.rejected_node_en if is_english and self.rejected_node_en else self.rejected_node

    def get_guarantee_display(self) -> str:
        return joined_labels(GuaranteeWay, self.guarantee)

    def get_uplift_reasons_display(self) -> str:
        return joined_labels(UpliftReason, self.uplift_reasons)

    def get_absolute_url(self) -> str:
        return reverse("applications:reconsideration_detail", args=[self.pk])

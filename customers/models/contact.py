"""联系人: the borrower and the people around him (domain.md M2)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

import pgtrigger

from customers.choices import (
    CapitalKind,
    ContactType,
    Education,
    FamilyRelation,
    Gender,
    Housing,
    IdType,
    MaritalStatus,
)
from customers.models.base import Recorded
from customers.models.customer import Customer
from customers.querysets import ContactQuerySet
from lending_crm.common.crypto import EncryptedTextField, blind_index
from lending_crm.common.identity import mask_id_no, mask_phone
from lending_crm.common.search import SearchIndex
from lending_crm.common.text import search_key

# CON-02 is checked by the service under the customer's lock; this holds for every other way in.
_SHARES_WITHIN_100 = """
IF NEW.contact_type = 'SHAREHOLDER' AND (
    SELECT COALESCE(SUM(share_pct), 0) FROM customers_contact
    WHERE customer_id = NEW.customer_id AND contact_type = 'SHAREHOLDER'
) > 100 THEN
    RAISE EXCEPTION 'shareholdings of customer % add up to more than 100', NEW.customer_id
        USING ERRCODE = 'check_violation';
END IF;
RETURN NULL;
"""


class Contact(Recorded):
    customer = models.ForeignKey(
        Customer,
        models.CASCADE,
        related_name="contacts",
        verbose_name=_("company (person) name"),
    )
    contact_type = models.CharField(_("contact type"), max_length=12, choices=ContactType.choices)
    name = models.CharField(_("full name"), max_length=30)
    gender = models.CharField(
        _("gender"), max_length=1, choices=Gender.choices, blank=True, editable=False
    )
    birth_date = models.DateField(_("birth date"), null=True, blank=True, editable=False)
    id_type = models.CharField(
        _("ID type"), max_length=16, choices=IdType.choices, default=IdType.ID_CARD
    )
    id_no = EncryptedTextField(_("ID document number"), blank=True)
    id_no_index = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    mobile = models.CharField(_("mobile"), max_length=20)
    phone2 = models.CharField(_("other telephone"), max_length=20, blank=True)
    wechat = models.CharField(_("WeChat"), max_length=40, blank=True)
    marital = models.CharField(
        _("marital status"), max_length=10, choices=MaritalStatus.choices, blank=True
    )
    education = models.CharField(
        _("education"), max_length=10, choices=Education.choices, blank=True
    )
    household_addr = models.CharField(_("registered residence"), max_length=200, blank=True)
    home_addr = models.CharField(_("home address"), max_length=200, blank=True)
    housing = models.CharField(_("housing"), max_length=12, choices=Housing.choices, blank=True)
    position = models.CharField(_("position"), max_length=40, blank=True)
    years = models.PositiveSmallIntegerField(_("years of service"), null=True, blank=True)
    capital = models.DecimalField(
        _("capital contributed (10,000 yuan)"),
        max_digits=18,
        decimal_places=2,
        null=True,
        blank=True,
    )
    share_pct = models.DecimalField(
        _("shareholding (%)"), max_digits=9, decimal_places=4, null=True, blank=True
    )
    capital_kind = models.CharField(
        _("kind of capital"), max_length=12, choices=CapitalKind.choices, blank=True
    )
    family_relation = models.CharField(
        _("relation to the main contact"), max_length=10, choices=FamilyRelation.choices, blank=True
    )
    income = models.DecimalField(
        _("monthly income (yuan)"), max_digits=18, decimal_places=2, null=True, blank=True
    )
    assets = models.CharField(_("main assets"), max_length=500, blank=True)
    debts = models.CharField(_("debts"), max_length=500, blank=True)
    sms_consent = models.BooleanField(_("agrees to text messages"), default=False)
    remark = models.CharField(_("remark"), max_length=2000, blank=True)
    creator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        editable=False,
        verbose_name=_("creator"),
    )
    search_text = models.TextField(editable=False, default="")

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["contact_type", "-created_at", "-id"], name="contact_of_type"),
            models.Index(fields=["-created_at", "-id"], name="contact_newest"),
            SearchIndex("search_text", name="contact_search"),
            models.Index(fields=["mobile"], name="contact_mobile"),
            models.Index(fields=["phone2"], name="contact_phone2", condition=~models.Q(phone2="")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=models.Q(contact_type=ContactType.MAIN),
                name="contact_one_main",
            ),
            models.UniqueConstraint(
                fields=["customer"],
                condition=models.Q(
                    contact_type=ContactType.FAMILY, family_relation=FamilyRelation.SPOUSE
                ),
                name="contact_one_spouse",
            ),
            models.UniqueConstraint(
                fields=["customer", "contact_type", "id_no_index"],
                condition=~models.Q(id_no_index=""),
                name="contact_once_per_type",
            ),
            models.CheckConstraint(
                condition=models.Q(contact_type__in=ContactType.values), name="contact_type_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(contact_type=ContactType.FAMILY)
                | ~models.Q(family_relation=""),
                name="contact_family_has_relation",
            ),
            models.CheckConstraint(
                condition=models.Q(share_pct=None) | models.Q(share_pct__gte=0, share_pct__lte=100),
                name="contact_share_percent",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="shares_within_100",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=_SHARES_WITHIN_100,
            )
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        self.id_no_index = blind_index(self.id_no) if self.id_no else ""
        self.search_text = search_key(self.name)
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def get_absolute_url(self) -> str:
        return reverse("customers:contact-detail", args=[self.pk])

    @property
    def is_main(self) -> bool:
        return self.contact_type == ContactType.MAIN

    @property
    def masked_id_no(self) -> str:
        return mask_id_no(self.id_no)

    @property
    def masked_mobile(self) -> str:
        return mask_phone(self.mobile)

    @property
    def masked_phone2(self) -> str:
        return mask_phone(self.phone2)

"""The lists of values of the app."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class SensitiveList(models.TextChoices):
    """The lists whose export masks numbers of persons, by the code of their export."""

    CUSTOMERS = "customers", _("Customers")
    CONTACTS = "contacts", _("Contacts")
    SMS = "sms", _("Text message log")


class ExportPurpose(models.TextChoices):
    """What the full numbers are needed for: a specific purpose (R10)."""

    REGULATOR = "REGULATOR", _("Supervision or inspection by an authority")
    AUDIT = "AUDIT", _("Internal or external audit")
    COURT = "COURT", _("Litigation or assistance to a court")
    COLLECTION = "COLLECTION", _("Collection of loans")
    RECONCILIATION = "RECONCILIATION", _("Reconciliation with a bank")
    OTHER = "OTHER", pgettext_lazy("purpose", "Other")


class ExportUse(models.TextChoices):
    """How often an approved request may be exported before it expires."""

    ONCE = "ONCE", _("Once")
    REPEATED = "REPEATED", _("Repeatedly until it expires")


class ApplicantLevel(models.TextChoices):
    """Who asks, for the route: nobody is asked about what he himself applies for."""

    STAFF = "STAFF", _("employee of a branch")
    OFFICER = "OFFICER", _("department head or branch risk manager")
    MANAGER = "MANAGER", _("branch general manager")
    HEAD_OFFICE = "HEAD_OFFICE", _("employee of head office")
    PRESIDENT = "PRESIDENT", _("president")

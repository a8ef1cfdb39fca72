from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PayeeKind(models.TextChoices):
    """Whose account the money goes to."""

    BORROWER = "BORROWER", _("The borrower's own account")
    ENTRUSTED = "ENTRUSTED", _("Entrusted payment to a supplier")


class PaperForm(models.TextChoices):
    """原件/复印件."""

    ORIGINAL = "ORIGINAL", pgettext_lazy("paper", "Original")
    COPY = "COPY", pgettext_lazy("paper", "Copy")


class Formality(models.TextChoices):
    """手续清单: the papers that a loan usually needs, in the order of the list."""

    LOAN_CONTRACT = "LOAN_CONTRACT", _("Loan contract")
    LOAN_NOTE = "LOAN_NOTE", _("Loan note")
    GUARANTEE_CONTRACT = "GUARANTEE_CONTRACT", _("Guarantee contract")
    SECURITY_CONTRACT = "SECURITY_CONTRACT", _("Mortgage or pledge contract")
    REGISTRATION = "REGISTRATION", _("Certificate of registered security")
    NOTARISATION = "NOTARISATION", _("Notarial deed")
    RESOLUTION = "RESOLUTION", _("Shareholders' resolution")
    POWER_OF_ATTORNEY = "POWER_OF_ATTORNEY", _("Power of attorney")
    SPOUSE_CONSENT = "SPOUSE_CONSENT", _("Consent of the spouse")
    CREDIT_AUTHORISATION = "CREDIT_AUTHORISATION", _("Authorisation of the credit query")
    COST_NOTICE = "COST_NOTICE", _("Notice of the all-in cost")
    INSURANCE = "INSURANCE", _("Insurance policy")
    OTHER = "OTHER", pgettext_lazy("formality", "Other")

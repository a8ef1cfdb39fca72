from django.db import models
from django.utils.translation import pgettext_lazy


class Direction(models.TextChoices):
    """移交 to asset recovery, or 逆移交 back after full recovery."""

    HAND_OVER = "HAND_OVER", pgettext_lazy("bad customer", "Handover to asset recovery")
    RETURN = "RETURN", pgettext_lazy("bad customer", "Return after recovery")


class HandoverStatus(models.TextChoices):
    """业务状态 of a handover; at most one of a customer is ``MANAGED``."""

    APPLYING = "APPLYING", pgettext_lazy("bad customer", "Being handed over")
    MANAGED = "MANAGED", pgettext_lazy("bad customer", "With asset recovery")
    RETURNED = "RETURNED", pgettext_lazy("bad customer", "Returned")


class LawsuitKind(models.TextChoices):
    """诉讼/仲裁/保全."""

    LAWSUIT = "LAWSUIT", pgettext_lazy("legal action", "Lawsuit")
    ARBITRATION = "ARBITRATION", pgettext_lazy("legal action", "Arbitration")
    PRESERVATION = "PRESERVATION", pgettext_lazy("legal action", "Preservation of assets")
    ENFORCEMENT = "ENFORCEMENT", pgettext_lazy("legal action", "Enforcement")


class HandedPaper(models.TextChoices):
    """移交资料清单; the first three are part of every handover."""

    CONTRACT = "CONTRACT", pgettext_lazy("handed paper", "Loan contract")
    LOAN_NOTE = "LOAN_NOTE", pgettext_lazy("handed paper", "Loan note")
    COLLECTION = "COLLECTION", pgettext_lazy("handed paper", "Collection letters and records")
    GUARANTEE = "GUARANTEE", pgettext_lazy("handed paper", "Guarantee contracts and titles")
    IDENTITY = "IDENTITY", pgettext_lazy("handed paper", "Papers about the borrower")
    STATEMENT = "STATEMENT", pgettext_lazy("handed paper", "Statement of repayments")
    LEGAL = "LEGAL", pgettext_lazy("handed paper", "Papers of legal action")
    OTHER = "OTHER", pgettext_lazy("handed paper", "Other")


ALWAYS_HANDED = (HandedPaper.CONTRACT, HandedPaper.LOAN_NOTE, HandedPaper.COLLECTION)


class RecoveryKind(models.TextChoices):
    """What asset recovery writes down about a bad customer."""

    PLAN = "PLAN", pgettext_lazy("recovery", "Disposal plan")
    COLLECTION = "COLLECTION", pgettext_lazy("recovery", "Collection")
    RECOVERY = "RECOVERY", pgettext_lazy("recovery", "Money recovered")

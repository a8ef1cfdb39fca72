from django.db import models
from django.utils.translation import gettext_lazy as _


class WfStatus(models.TextChoices):
    """Where a document stands in approval; its business life is another field."""

    DRAFT = "DRAFT", _("Draft")
    IN_APPROVAL = "IN_APPROVAL", _("In approval")
    APPROVED = "APPROVED", _("Approved")
    REJECTED = "REJECTED", _("Rejected")
    RETURNED = "RETURNED", _("Returned")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")
    VOID = "VOID", _("Void")


EDITABLE_STATUSES = (WfStatus.DRAFT, WfStatus.RETURNED, WfStatus.WITHDRAWN)

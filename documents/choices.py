from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from staff.choices import RoleCode


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


class ExportForm(models.TextChoices):
    """What a case leaves the system as."""

    PACK = "PACK", _("Audit pack (ZIP)")
    PDF = "PDF", _("Approval record (PDF)")
    JSON = "JSON", _("Approval history (JSON)")


class ExportState(models.TextChoices):
    """The making of an export; DONE stays although its file is removed after a while."""

    WAITING = "WAITING", pgettext_lazy("run", "Waiting")
    RUNNING = "RUNNING", pgettext_lazy("run", "Running")
    DONE = "DONE", pgettext_lazy("run", "Done")
    FAILED = "FAILED", pgettext_lazy("run", "Failed")


#: Who asks for the voiding of an approved document, and who answers: one of each.
VOIDERS = (RoleCode.HRM, RoleCode.ADM)


class VoidState(models.TextChoices):
    """The request to void an approved document; only CONFIRMED voids it."""

    OPEN = "OPEN", pgettext_lazy("request", "Waiting for confirmation")
    CONFIRMED = "CONFIRMED", pgettext_lazy("request", "Confirmed")
    DECLINED = "DECLINED", pgettext_lazy("request", "Declined")
    WITHDRAWN = "WITHDRAWN", pgettext_lazy("request", "Withdrawn by its author")

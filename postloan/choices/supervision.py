from django.db import models
from django.utils.translation import pgettext_lazy


class UseCheck(models.TextChoices):
    """实际用途是否一致."""

    YES = "YES", pgettext_lazy("use of funds", "As agreed")
    NO = "NO", pgettext_lazy("use of funds", "Not as agreed")
    PARTLY = "PARTLY", pgettext_lazy("use of funds", "Partly as agreed")


class SupervisionStatus(models.TextChoices):
    """业务状态 of a supervision."""

    RUNNING = "RUNNING", pgettext_lazy("supervision", "Under supervision")
    ENDED = "ENDED", pgettext_lazy("supervision", "Ended")


class EndReason(models.TextChoices):
    """Why a supervision ended."""

    SETTLED = "SETTLED", pgettext_lazy("end of supervision", "The loan is settled")
    COMPLETED = "COMPLETED", pgettext_lazy("end of supervision", "The business is completed")
    HANDED_OVER = "HANDED_OVER", pgettext_lazy("end of supervision", "Handed over as bad")
    WRITTEN_OFF = "WRITTEN_OFF", pgettext_lazy("end of supervision", "The loan is written off")
    REVERSED = "REVERSED", pgettext_lazy("end of supervision", "The transfer was reversed")
    REJECTED = "REJECTED", pgettext_lazy("end of supervision", "The supervision was rejected")
    VOIDED = "VOIDED", pgettext_lazy("end of supervision", "The supervision is void")


class InspectionWay(models.TextChoices):
    """检查方式."""

    ON_SITE = "ON_SITE", pgettext_lazy("inspection", "On site")
    PHONE = "PHONE", pgettext_lazy("inspection", "By telephone")
    PAPERS = "PAPERS", pgettext_lazy("inspection", "By papers")
    VIDEO = "VIDEO", pgettext_lazy("inspection", "By video")


class WarningSign(models.TextChoices):
    """预警信号; ``NONE`` says that somebody looked and saw none."""

    NONE = "NONE", pgettext_lazy("warning sign", "None")
    ARREARS = "ARREARS", pgettext_lazy("warning sign", "Interest in arrears")
    STANDSTILL = "STANDSTILL", pgettext_lazy("warning sign", "Production stopped")
    LAWSUIT = "LAWSUIT", pgettext_lazy("warning sign", "Lawsuit")
    LOST_CONTACT = "LOST_CONTACT", pgettext_lazy("warning sign", "Lost contact")
    COLLATERAL = "COLLATERAL", pgettext_lazy("warning sign", "Collateral lost value")
    MANAGEMENT = "MANAGEMENT", pgettext_lazy("warning sign", "Change of management")
    TAX = "TAX", pgettext_lazy("warning sign", "Trouble with taxes")


class ReminderStage(models.TextChoices):
    """Which reminder of one due date was sent."""

    SOON = "SOON", pgettext_lazy("reminder", "Some days before")
    DUE = "DUE", pgettext_lazy("reminder", "On the day")
    LATE = "LATE", pgettext_lazy("reminder", "Late")
    VERY_LATE = "VERY_LATE", pgettext_lazy("reminder", "Long late")

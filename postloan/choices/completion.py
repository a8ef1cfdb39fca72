from django.db import models
from django.utils.translation import pgettext_lazy


class CompletionWay(models.TextChoices):
    """完结方式."""

    REGULAR = "REGULAR", pgettext_lazy("way of completion", "Settled as agreed")
    EARLY = "EARLY", pgettext_lazy("way of completion", "Settled early")
    BY_GUARANTOR = "BY_GUARANTOR", pgettext_lazy("way of completion", "Settled by a guarantor")
    BY_DISPOSAL = "BY_DISPOSAL", pgettext_lazy("way of completion", "Settled by disposal")


class ReleaseStep(models.TextChoices):
    """担保解除: what is to be done for each security."""

    RELEASE = "RELEASE", pgettext_lazy("guarantee release", "Release of the charge")
    RETURN_TITLE = "RETURN_TITLE", pgettext_lazy("guarantee release", "Return of the title")
    CANCEL = "CANCEL", pgettext_lazy("guarantee release", "Cancellation of the guarantee")


class Evaluation(models.TextChoices):
    """客户评价."""

    EXCELLENT = "EXCELLENT", pgettext_lazy("customer evaluation", "Excellent")
    GOOD = "GOOD", pgettext_lazy("customer evaluation", "Good")
    FAIR = "FAIR", pgettext_lazy("customer evaluation", "Fair")
    POOR = "POOR", pgettext_lazy("customer evaluation", "Poor")


class Renewal(models.TextChoices):
    """是否可续贷."""

    YES = "YES", pgettext_lazy("further loans", "May borrow again")
    WITH_CARE = "WITH_CARE", pgettext_lazy("further loans", "Only after a new review")
    NO = "NO", pgettext_lazy("further loans", "No further loans")

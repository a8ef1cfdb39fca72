"""Days that differ from the published working calendar."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from staff.querysets import DirectoryQuerySet


class HolidayOverride(models.Model):
    """A day on which the lender works or rests whatever the public calendar says."""

    day = models.DateField(_("day"), unique=True)
    is_working = models.BooleanField(_("working day"), default=False)
    name = models.CharField(_("name"), max_length=40)

    objects = DirectoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("calendar exception")
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"

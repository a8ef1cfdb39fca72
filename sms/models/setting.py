from __future__ import annotations

from datetime import time

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from sms.choices import Kind

#: R13: six tries a day and number; a lender may allow itself fewer, never more
COLLECTION_CAP = 6
#: half a year, in days (domain.md X1: log and proof are kept six months at least)
SHORTEST_KEEPING = 184


def default_due_days() -> list[int]:
    return [-3, -1, 0, 1, 3]


class SmsSetting(models.Model):
    """The lender's own figures about text messages; there is exactly one row.

    ``due_days`` count from the due date: -3 is three days before it, 1 the day after.
    """

    signature = models.CharField(_("signature of the sender"), max_length=20, blank=True)
    quiet_from = models.TimeField(_("quiet hours from"), default=time(22, 0))
    quiet_until = models.TimeField(_("quiet hours until"), default=time(8, 0))
    do_notices_wait = models.BooleanField(_("notices wait until the quiet hours end"), default=True)
    notice_cap = models.PositiveSmallIntegerField(_("notices a day and number"), default=20)
    collection_cap = models.PositiveSmallIntegerField(
        _("collection messages a day and number"), default=3
    )
    marketing_cap = models.PositiveSmallIntegerField(
        _("marketing messages a day and number"), default=1
    )
    birthday_cap = models.PositiveSmallIntegerField(
        _("birthday greetings a day and number"), default=1
    )
    due_days = ArrayField(
        models.SmallIntegerField(),
        verbose_name=_("days of reminders, counted from the due date"),
        default=default_due_days,
        blank=True,
    )
    keep_days = models.PositiveSmallIntegerField(_("the log is kept (days)"), default=730)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("text message settings")
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="sms_setting_single"),
            models.CheckConstraint(
                condition=models.Q(collection_cap__lte=COLLECTION_CAP),
                name="sms_setting_collection_cap",
                violation_error_message=_("At most 6 collection messages a day and number (R13)."),
            ),
            models.CheckConstraint(
                condition=models.Q(keep_days__gte=SHORTEST_KEEPING),
                name="sms_setting_keeping",
                violation_error_message=_("The log is kept for six months (184 days) at least."),
            ),
            models.CheckConstraint(
                condition=models.Q(
                    quiet_from__lte=time(22, 0),
                    quiet_from__gt=time(12, 0),
                    quiet_until__gte=time(8, 0),
                    quiet_until__lt=time(12, 0),
                ),
                name="sms_setting_quiet_hours",
                violation_error_message=_("The quiet hours must cover 22:00 to 08:00 (R13)."),
            ),
        ]

    def __str__(self) -> str:
        return str(_("text message settings"))

    def cap(self, kind: str) -> int:
        """How many messages of a kind one number may get a day."""
        return {
            Kind.NOTICE: self.notice_cap,
            Kind.COLLECTION: self.collection_cap,
            Kind.MARKETING: self.marketing_cap,
            Kind.BIRTHDAY: self.birthday_cap,
        }[Kind(kind)]

    def is_quiet_at(self, clock: time) -> bool:
        """Whether nobody is to be written to, called or visited at this time of the day."""
        return clock >= self.quiet_from or clock < self.quiet_until

    def get_due_days_display(self) -> str:
        return ", ".join(f"{day:+d}" if day else "0" for day in self.due_days)

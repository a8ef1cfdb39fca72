"""What people are told about supervision."""

from django.utils.translation import gettext_lazy as _

from staff.events import Event

EVENTS = (
    Event(
        "supervision.task",
        _("The funds of a customer of mine were transferred"),
        _(
            "The funds of %(party)s were transferred (%(doc_no)s);"
            " submit the post-loan supervision by %(date)s"
        ),
        by_email=True,
    ),
    Event(
        "supervision.due_soon",
        _("A post-loan supervision is due soon"),
        _("The post-loan supervision of %(party)s (%(doc_no)s) is due by %(date)s"),
    ),
    Event(
        "supervision.due",
        _("A post-loan supervision is due today"),
        _("The post-loan supervision of %(party)s (%(doc_no)s) must be submitted by %(date)s"),
        by_email=True,
    ),
    Event(
        "supervision.late",
        _("A post-loan supervision is late"),
        _("The post-loan supervision of %(party)s (%(doc_no)s, %(actor)s) was due on %(date)s"),
        by_email=True,
    ),
    Event(
        "supervision_report.due_soon",
        _("A supervision report is due soon"),
        _("Report %(period)s on %(party)s (%(doc_no)s) is due by %(date)s"),
    ),
    Event(
        "supervision_report.due",
        _("A supervision report is due today"),
        _("Report %(period)s on %(party)s (%(doc_no)s) must be submitted by %(date)s"),
        by_email=True,
    ),
    Event(
        "supervision_report.late",
        _("A supervision report is late"),
        _("Report %(period)s on %(party)s (%(doc_no)s, %(actor)s) was due on %(date)s"),
        by_email=True,
    ),
)

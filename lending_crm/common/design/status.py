"""One colour, one icon and one word per status, wherever it is shown."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Label = str | Promise

#: grey: nothing yet, blue: under way, green: good, amber: needs work, red: refused, slate: undone
TONES = ("grey", "blue", "green", "amber", "red", "slate", "void")


@dataclass(frozen=True)
class Mark:
    """How a status or an act looks; colour never stands alone."""

    label: Label
    tone: str
    icon: str


STATUSES: dict[str, Mark] = {
    "DRAFT": Mark(_("Draft"), "grey", "file-pencil"),
    "IN_APPROVAL": Mark(_("In approval"), "blue", "hourglass"),
    "APPROVED": Mark(_("Approved"), "green", "circle-check"),
    "RETURNED": Mark(_("Returned"), "amber", "corner-up-left"),
    "REJECTED": Mark(_("Rejected"), "red", "circle-x"),
    "WITHDRAWN": Mark(_("Withdrawn"), "slate", "arrow-back-up"),
    "VOID": Mark(_("Void"), "void", "ban"),
    # work reports
    "SUBMITTED": Mark(pgettext_lazy("work report", "Submitted"), "blue", "send"),
    "READ": Mark(pgettext_lazy("work report", "Read"), "green", "eye"),
    "COMMENTED": Mark(pgettext_lazy("work report", "Commented"), "green", "message"),
    # flow versions
    "PUBLISHED": Mark(_("Published"), "green", "circle-check"),
    "RETIRED": Mark(_("Retired"), "slate", "archive"),
    # work items and stages
    "OPEN": Mark(_("Open"), "blue", "clock"),
    "DECIDED": Mark(_("Decided"), "green", "check"),
    "NOT_NEEDED": Mark(_("No longer needed"), "grey", "circle-minus"),
    "TRANSFERRED": Mark(_("Transferred"), "slate", "arrows-exchange"),
    "AUTO_PASSED": Mark(_("Passed automatically"), "grey", "chevron-right"),
    "CLOSED": Mark(_("Closed without a decision"), "grey", "circle-minus"),
    # sessions of the committee
    "PASSED": Mark(pgettext_lazy("session", "Passed"), "green", "circle-check"),
    "LAPSED": Mark(pgettext_lazy("session", "Lapsed"), "slate", "ban"),
    # long work over many cases
    "WAITING": Mark(pgettext_lazy("run", "Waiting"), "grey", "hourglass"),
    "RUNNING": Mark(pgettext_lazy("run", "Running"), "blue", "hourglass"),
    "DONE": Mark(pgettext_lazy("run", "Done"), "green", "circle-check"),
    "FAILED": Mark(pgettext_lazy("run", "Failed"), "red", "circle-x"),
    "CANCELLED": Mark(pgettext_lazy("run", "Stopped"), "slate", "ban"),
    "FITS": Mark(pgettext_lazy("migration", "Fits"), "green", "check"),
    "NEEDS_MAPPING": Mark(pgettext_lazy("migration", "Needs mapping"), "amber", "git-branch"),
    "BLOCKED": Mark(pgettext_lazy("migration", "Blocked"), "red", "ban"),
    "PENDING": Mark(pgettext_lazy("migration", "Not moved"), "grey", "clock"),
    "MOVED": Mark(pgettext_lazy("migration", "Moved"), "green", "circle-check"),
    "SKIPPED": Mark(pgettext_lazy("migration", "No longer needed"), "grey", "circle-minus"),
}
UNKNOWN = Mark("", "grey", "circle")

#: What an act in a case's history looks like, by the code of the event or decision.
ACTS: dict[str, tuple[str, str]] = {
    "SUBMITTED": ("blue", "send"),
    "RESUBMITTED": ("blue", "send"),
    "CLAIMED": ("grey", "hand-grab"),
    "RELEASED": ("grey", "hand-stop"),
    "APPROVED": ("green", "check"),
    "APPROVED_WITH_CONDITIONS": ("green", "list-check"),
    "REJECTED": ("red", "circle-x"),
    "RETURNED": ("amber", "corner-up-left"),
    "ABSTAINED": ("grey", "minus"),
    "INVESTIGATION_ASKED": ("amber", "search"),
    "WITHDRAWN": ("slate", "arrow-back-up"),
    "TAKEN_BACK": ("slate", "arrow-back-up"),
    "TRANSFERRED": ("slate", "arrows-exchange"),
    "REASSIGNED": ("slate", "user-share"),
    "SIGNERS_ADDED": ("blue", "user-plus"),
    "SIGNERS_REMOVED": ("slate", "user-minus"),
    "DELEGATED": ("slate", "user-share"),
    "ANSWERED": ("green", "message"),
    "STOOD_IN": ("slate", "arrows-exchange"),
    "CAME_BACK": ("slate", "arrow-back-up"),
    "HANDED_ON": ("slate", "user-share"),
    "HANDLER_CHANGED": ("slate", "user-share"),
    "CORRECTED": ("amber", "pencil"),
    "COMMENTED": ("grey", "message"),
    "COPIED": ("grey", "copy"),
    "MATERIAL_REQUESTED": ("amber", "paperclip"),
    "SUPPLEMENTED": ("blue", "file-plus"),
    "URGED": ("amber", "speakerphone"),
    "AUTO_PASSED": ("grey", "chevron-right"),
    "STEPPED_ASIDE": ("grey", "chevron-right"),
    "BLOCKED": ("red", "user-question"),
    "UNBLOCKED": ("green", "user-check"),
    "VOTE_CLOSED": ("grey", "gavel"),
    "CONCLUDED": ("green", "flag"),
    "VOIDED": ("void", "ban"),
    "MIGRATED": ("slate", "git-branch"),
    "REMINDED": ("grey", "bell"),
    "ESCALATED": ("red", "trending-up"),
    "TIMER_FIRED": ("amber", "hourglass"),
    "TIMER_DROPPED": ("slate", "trash"),
    "RETIMED": ("grey", "calendar-event"),
    "RECUSED": ("amber", "user-question"),
    "SUSPENDED": ("slate", "player-pause"),
    "RESUMED": ("blue", "player-play"),
    "JUMPED": ("slate", "route"),
    "TERMINATED": ("void", "ban"),
}


def mark_for(code: str) -> Mark:
    return STATUSES.get(code, UNKNOWN)

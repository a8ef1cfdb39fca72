from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class VersionState(models.TextChoices):
    DRAFT = "DRAFT", _("Draft")
    PUBLISHED = "PUBLISHED", _("Published")
    RETIRED = "RETIRED", _("Retired")


class CaseState(models.TextChoices):
    """Where a case stands; the first three are alive."""

    IN_APPROVAL = "IN_APPROVAL", _("In approval")
    RETURNED = "RETURNED", _("Returned")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")
    APPROVED = "APPROVED", _("Approved")
    REJECTED = "REJECTED", _("Rejected")
    VOID = "VOID", _("Void")


#: The handler holds the case and may correct and submit it again.
WITH_HANDLER = (CaseState.RETURNED, CaseState.WITHDRAWN)
ALIVE = (CaseState.IN_APPROVAL, *WITH_HANDLER)
ENDED = (CaseState.APPROVED, CaseState.REJECTED, CaseState.VOID)


class StageOutcome(models.TextChoices):
    """How a stage ended; empty while it is open.

    UNDONE is a visit in a round that never was: the decision that began it was taken back.
    """

    APPROVED = "APPROVED", _("Approved")
    REJECTED = "REJECTED", _("Rejected")
    RETURNED = "RETURNED", _("Returned")
    AUTO_PASSED = "AUTO_PASSED", _("Passed automatically")
    CLOSED = "CLOSED", _("Closed without a decision")
    UNDONE = "UNDONE", _("Undone")


class ItemKind(models.TextChoices):
    """What is asked; an ADVICE (委派) is answered, and the owner decides afterwards."""

    DECISION = "DECISION", _("decision")
    ADVICE = "ADVICE", _("answer for the owner")
    CORRECTION = "CORRECTION", _("correction by the handler")


class ItemState(models.TextChoices):
    """The life of one person's (or pool's) work item; only OPEN can be decided.

    WAITING items are those whose turn has not come: a later one of a sequence, an owner whose
    signers are asked first. VACANT is a seat that nobody holds: the stage waits for it. REMOVED
    were taken back by 减签 or with a role, or were vacant until somebody came.
    """

    OPEN = "OPEN", _("Open")
    WAITING = "WAITING", _("Waits for others")
    VACANT = "VACANT", _("Empty seat")
    DECIDED = "DECIDED", _("Decided")
    NOT_NEEDED = "NOT_NEEDED", _("No longer needed")
    TRANSFERRED = "TRANSFERRED", _("Transferred")
    REMOVED = "REMOVED", _("Removed")


#: Somebody is asked, now or when his turn comes.
ASKED = (ItemState.OPEN, ItemState.WAITING)
#: It has still to be answered, also by whoever will hold an empty seat.
LIVE = (*ASKED, ItemState.VACANT)


class ItemLink(models.TextChoices):
    """Why an item hangs on another one of its stage; empty for those the stage itself asks."""

    BEFORE = "BEFORE", _("asked before the owner")
    BESIDE = "BESIDE", _("asked beside the owner")
    AFTER = "AFTER", _("asked after the owner")
    DELEGATE = "DELEGATE", _("answers for the owner")


class Decision(models.TextChoices):
    APPROVE = "APPROVE", _("Approve")
    APPROVE_WITH_CONDITIONS = "APPROVE_WITH_CONDITIONS", _("Approve with conditions")
    REJECT = "REJECT", _("Reject")
    RETURN = "RETURN", _("Return")
    ABSTAIN = "ABSTAIN", _("Abstain")
    INVESTIGATE = "INVESTIGATE", _("Investigate further")
    ANSWER = "ANSWER", _("Answer")


class PhraseAct(models.TextChoices):
    """The acts that carry an opinion; a phrase is offered at one of them."""

    APPROVE = "approve", _("Approve")
    APPROVE_WITH_CONDITIONS = "approve_with_conditions", _("Approve with conditions")
    RETURN = "return", _("Return")
    REJECT = "reject", _("Reject")
    ABSTAIN = "abstain", _("Abstain")
    ANSWER = "answer", _("Answer")


#: ``target`` of a return that goes to the handler
TO_HANDLER = "handler"

#: outcomes by which the route went on behind a stage
PASSED = (StageOutcome.APPROVED, StageOutcome.AUTO_PASSED)
APPROVING = (Decision.APPROVE, Decision.APPROVE_WITH_CONDITIONS)


class TimerKind(models.TextChoices):
    """What a timer does; none of it decides."""

    TELL = "TELL", _("message")
    ADD_SUPERIOR = "ADD_SUPERIOR", _("the superior is asked too")
    HAND_OVER = "HAND_OVER", _("the work goes to the superior")
    BOUNDARY = "BOUNDARY", _("timer of the route")


class TimerState(models.TextChoices):
    """The life of a timer; only WAITING rings."""

    WAITING = "WAITING", _("Waiting")
    DONE = "DONE", _("Done")
    NOT_NEEDED = "NOT_NEEDED", _("No longer needed")
    PARKED = "PARKED", _("Parked")
    DROPPED = "DROPPED", _("Dropped")


class EventKind(models.TextChoices):
    """One act in a case's history."""

    SUBMITTED = "SUBMITTED", pgettext_lazy("act", "Submitted")
    RESUBMITTED = "RESUBMITTED", pgettext_lazy("act", "Submitted again")
    CLAIMED = "CLAIMED", pgettext_lazy("act", "Claimed")
    RELEASED = "RELEASED", pgettext_lazy("act", "Released")
    APPROVED = "APPROVED", pgettext_lazy("act", "Approved")
    APPROVED_WITH_CONDITIONS = (
        "APPROVED_WITH_CONDITIONS",
        pgettext_lazy("act", "Approved with conditions"),
    )
    REJECTED = "REJECTED", pgettext_lazy("act", "Rejected")
    RETURNED = "RETURNED", pgettext_lazy("act", "Returned")
    ABSTAINED = "ABSTAINED", pgettext_lazy("act", "Abstained")
    INVESTIGATION_ASKED = (
        "INVESTIGATION_ASKED",
        pgettext_lazy("act", "Asked to investigate further"),
    )
    WITHDRAWN = "WITHDRAWN", pgettext_lazy("act", "Withdrawn")
    TAKEN_BACK = "TAKEN_BACK", pgettext_lazy("act", "Taken back")
    TRANSFERRED = "TRANSFERRED", pgettext_lazy("act", "Transferred")
    REASSIGNED = "REASSIGNED", pgettext_lazy("act", "Reassigned")
    SIGNERS_ADDED = "SIGNERS_ADDED", pgettext_lazy("act", "Signers added")
    SIGNERS_REMOVED = "SIGNERS_REMOVED", pgettext_lazy("act", "Signers removed")
    DELEGATED = "DELEGATED", pgettext_lazy("act", "Delegated")
    ANSWERED = "ANSWERED", pgettext_lazy("act", "Answered")
    STOOD_IN = "STOOD_IN", pgettext_lazy("act", "Moved to the delegate")
    CAME_BACK = "CAME_BACK", pgettext_lazy("act", "Came back from the delegate")
    HANDED_ON = "HANDED_ON", pgettext_lazy("act", "Handed on")
    HANDLER_CHANGED = "HANDLER_CHANGED", pgettext_lazy("act", "Handler changed")
    CORRECTED = "CORRECTED", pgettext_lazy("act", "Document corrected")
    COMMENTED = "COMMENTED", pgettext_lazy("act", "Commented")
    COPIED = "COPIED", pgettext_lazy("act", "Copied")
    MATERIAL_REQUESTED = "MATERIAL_REQUESTED", pgettext_lazy("act", "Material requested")
    SUPPLEMENTED = "SUPPLEMENTED", pgettext_lazy("act", "Supplemented")
    URGED = "URGED", pgettext_lazy("act", "Urged")
    AUTO_PASSED = "AUTO_PASSED", pgettext_lazy("act", "Passed automatically")
    STEPPED_ASIDE = "STEPPED_ASIDE", pgettext_lazy("act", "Stepped aside")
    BLOCKED = "BLOCKED", pgettext_lazy("act", "No approver found")
    UNBLOCKED = "UNBLOCKED", pgettext_lazy("act", "Approver found")
    VOTE_CLOSED = "VOTE_CLOSED", pgettext_lazy("act", "Vote closed")
    REMINDED = "REMINDED", pgettext_lazy("act", "Reminded")
    ESCALATED = "ESCALATED", pgettext_lazy("act", "Escalated")
    TIMER_FIRED = "TIMER_FIRED", pgettext_lazy("act", "Timer ran out")
    TIMER_DROPPED = "TIMER_DROPPED", pgettext_lazy("act", "Timer dropped")
    RETIMED = "RETIMED", pgettext_lazy("act", "Due date changed")
    CONCLUDED = "CONCLUDED", pgettext_lazy("act", "Concluded")
    VOIDED = "VOIDED", pgettext_lazy("act", "Voided")
    SUSPENDED = "SUSPENDED", pgettext_lazy("act", "Suspended")
    RESUMED = "RESUMED", pgettext_lazy("act", "Resumed")
    JUMPED = "JUMPED", pgettext_lazy("act", "Moved to another step")
    TERMINATED = "TERMINATED", pgettext_lazy("act", "Terminated")
    MIGRATED = "MIGRATED", pgettext_lazy("act", "Moved to another version")
    RECUSED = "RECUSED", pgettext_lazy("act", "Abstains as a related party")
    SYSTEM_STEP = "SYSTEM_STEP", pgettext_lazy("act", "Done by the system")
    ANONYMISED = "ANONYMISED", pgettext_lazy("act", "Personal information removed")


#: Acts of administrators on a case that went wrong.
BY_ADMINISTRATORS = (
    EventKind.REASSIGNED,
    EventKind.SUSPENDED,
    EventKind.RESUMED,
    EventKind.JUMPED,
    EventKind.TERMINATED,
    EventKind.TIMER_DROPPED,
)


class RunState(models.TextChoices):
    """How far long work over many cases has come."""

    WAITING = "WAITING", pgettext_lazy("run", "Waiting")
    RUNNING = "RUNNING", pgettext_lazy("run", "Running")
    DONE = "DONE", pgettext_lazy("run", "Done")
    CANCELLED = "CANCELLED", pgettext_lazy("run", "Stopped")


class Fit(models.TextChoices):
    """Whether a running case can go on in another version of its route."""

    FITS = "FITS", pgettext_lazy("migration", "Fits")
    NEEDS_MAPPING = "NEEDS_MAPPING", pgettext_lazy("migration", "Needs mapping")
    BLOCKED = "BLOCKED", pgettext_lazy("migration", "Blocked")


class MoveState(models.TextChoices):
    """What became of a case in a migration."""

    PENDING = "PENDING", pgettext_lazy("migration", "Not moved")
    MOVED = "MOVED", pgettext_lazy("migration", "Moved")
    SKIPPED = "SKIPPED", pgettext_lazy("migration", "No longer needed")


class MoveReason(models.TextChoices):
    """Why a case does not go on in another version as it stands; empty when it does."""

    GONE = "GONE", _("The new version has no step “%(steps)s”.")
    OFF_ROUTE = "OFF_ROUTE", _("“%(steps)s” is not on the way of this document.")
    NOT_TOGETHER = "NOT_TOGETHER", _("“%(steps)s” cannot be open at the same time.")
    PASSED_BY = (
        "PASSED_BY",
        _("“%(steps)s” lies in front of where it stands, and nobody was asked there."),
    )
    NO_WAY = "NO_WAY", _("The new version has no way through for this document.")
    NOBODY = "NOBODY", _("Nobody can be found for “%(steps)s”.")
    HALF_DECIDED = (
        "HALF_DECIDED",
        _("Somebody has decided at “%(steps)s”, where people decide otherwise from now on."),
    )
    SUSPENDED = "SUSPENDED", _("The case is suspended; resume it first.")
    WOULD_END = "WOULD_END", _("“%(steps)s” would pass by itself and end the case.")

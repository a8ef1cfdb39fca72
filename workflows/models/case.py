"""The running case, its stages and the work items that people hold in their inbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from viewflow.workflow.models import AbstractProcess, AbstractTask

from lending_crm.common.search import SearchIndex
from lending_crm.common.triggers import kept_by_triggers
from workflows.choices import (
    ALIVE,
    APPROVING,
    CaseState,
    Decision,
    ItemKind,
    ItemLink,
    ItemState,
    StageOutcome,
)
from workflows.models.definition import FlowVersion
from workflows.querysets import CaseQuerySet, WorkItemQuerySet

if TYPE_CHECKING:
    from workflows.act import Act


class Case(AbstractProcess):
    """One document's way through approval; viewflow's process.

    Subject, party, amount and the like repeat the document as it was submitted, so that an
    inbox page needs no join. ``version`` moves whenever what an approver decides on has
    moved: another stage, another document snapshot. ``tokens`` are where the route is: open
    stages, and flows that wait at joins. Nobody acts on a case that is suspended (挂起).
    ``recusals`` are the employees who must abstain (WF-17, and WF-01 for former handlers),
    by id, with the reason.
    """

    act: Act

    document_kind = models.CharField(max_length=40)
    document_id = models.BigIntegerField()
    state = models.CharField(
        _("state"),
        max_length=12,
        choices=CaseState.choices,
        default=CaseState.IN_APPROVAL,
    )
    doc_no = models.CharField(_("document number"), max_length=40)
    subject = models.CharField(_("subject"), max_length=100)
    party = models.CharField(_("customer"), max_length=120, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=2, null=True)
    search = models.TextField(blank=True)
    risk_flags = models.JSONField(default=list)
    #: about a 不良 customer, so that 资产保全部 reads it; triggers keep it as its document's
    about_bad_customer = models.BooleanField(default=False, editable=False)
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        db_index=False,
        related_name="handled_cases",
        verbose_name=_("handler"),
    )
    creator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        db_index=False,
        related_name="+",
        verbose_name=_("creator"),
    )
    branch = models.ForeignKey(
        "staff.Branch",
        models.PROTECT,
        db_index=False,
        related_name="+",
        verbose_name=_("owning branch"),
    )
    department = models.ForeignKey(
        "staff.Department",
        models.PROTECT,
        db_index=False,
        related_name="+",
        verbose_name=_("department"),
    )
    flow_version = models.ForeignKey(FlowVersion, models.PROTECT, related_name="cases")
    facts = models.JSONField(default=dict)
    tokens = models.JSONField(default=list)
    recusals = models.JSONField(default=dict)
    #: whom the applicant or an approver chose, by the id of the node: {node: [employee, …]}
    choices = models.JSONField(default=dict)
    round = models.PositiveIntegerField(_("round"), default=1)
    version = models.PositiveIntegerField(default=1)
    document_version = models.PositiveIntegerField(default=1)
    snapshot_number = models.PositiveIntegerField(default=0)
    supplement_count = models.PositiveIntegerField(default=0)
    event_count = models.PositiveIntegerField(default=0)
    #: the last event that tells a reader something new; reminders do not
    news_sequence = models.PositiveIntegerField(default=0)
    last_hash = models.CharField(max_length=64, blank=True)
    returned_from = models.CharField(max_length=100, blank=True)
    resumes_directly = models.BooleanField(default=False)
    urged_at = models.DateTimeField(null=True)
    suspended_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(_("submitted at"))

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        constraints = [
            models.UniqueConstraint(
                fields=["document_kind", "document_id"], name="one_case_per_document"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=CaseState.values), name="case_state"
            ),
            models.CheckConstraint(
                condition=models.Q(suspended_at=None) | models.Q(state=CaseState.IN_APPROVAL),
                name="only_running_cases_are_suspended",
            ),
        ]
        indexes = [
            models.Index(fields=["handler", "-submitted_at", "-id"], name="case_of_handler"),
            models.Index(fields=["creator", "-submitted_at", "-id"], name="case_of_creator"),
            models.Index(fields=["branch", "-submitted_at", "-id"], name="case_of_branch"),
            models.Index(fields=["department", "-submitted_at", "-id"], name="case_of_department"),
            models.Index(fields=["-submitted_at", "-id"], name="case_newest"),
            models.Index(
                fields=["-submitted_at", "-id"],
                name="case_about_bad_customer",
                condition=models.Q(about_bad_customer=True),
            ),
            SearchIndex("search", name="case_search"),
            models.Index(
                fields=["-submitted_at", "-id"],
                name="case_alive",
                condition=models.Q(state__in=ALIVE),
            ),
            # How many run on a version, and for how much, is counted from this alone.
            models.Index(
                fields=["flow_version", "id"],
                include=["amount"],
                name="case_running_on",
                condition=models.Q(state=CaseState.IN_APPROVAL),
            ),
        ]
        triggers = [kept_by_triggers("about_bad_customer")]

    @property
    def flags(self) -> list[str]:
        """The red flags in the reader's language."""
        return [gettext(flag) for flag in self.risk_flags]

    def __str__(self) -> str:
        return f"{self.doc_no} {self.subject}"


class Stage(AbstractTask):
    """One visit to a node of the case's route; viewflow's task.

    ``node_id`` is the BPMN element (empty for the nodes of the flow class itself);
    ``arrived_by`` are the sequence flows that were taken to get here; ``pauses`` the spans
    in which its clock stood still, each ``[from, to]``. viewflow's links to
    earlier tasks, its owner and its permissions are not used: people hold work items.
    """

    previous = None
    external_task_id = None
    owner = None
    owner_permission = None
    scheduled = None
    # The base class's generic key cannot be taken out, so its content type has to stay.
    owner_permission_content_type = models.ForeignKey(
        ContentType, models.PROTECT, null=True, db_index=False, related_name="+"
    )

    process = models.ForeignKey(Case, models.PROTECT, related_name="stages")
    node_id = models.CharField(max_length=100, blank=True)
    title = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120, blank=True)
    round = models.PositiveIntegerField()
    duty_line = models.CharField(max_length=16, blank=True)
    outcome = models.CharField(max_length=12, choices=StageOutcome.choices, blank=True)
    outcome_reason = models.CharField(max_length=200, blank=True)
    is_blocked = models.BooleanField(default=False)
    arrived_by = models.JSONField(default=list)
    due_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    pauses = models.JSONField(default=list)

    class Meta:
        verbose_name = _("stage")
        indexes = [
            models.Index(fields=["process", "id"], name="stage_of_case"),
            models.Index(fields=["id"], name="stage_blocked", condition=models.Q(is_blocked=True)),
            # The most urgent first, for whoever watches all of them; where cases stand is
            # counted from this alone.
            models.Index(
                fields=["due_at", "created", "id"],
                include=["process", "node_id", "title", "title_en"],
                name="stage_open_due",
                condition=models.Q(outcome="", finished=None),
            ),
        ]

    def __str__(self) -> str:
        if self.title_en and (get_language() or "").startswith("en"):
            return self.title_en
        return self.title

    @property
    def is_open(self) -> bool:
        return self.outcome == "" and self.finished is None


class WorkItem(models.Model):
    """What one person, or a pool, has to do at a stage; kept for ever.

    A pool item has no assignee and names a role in a scope; everybody who holds the role
    at the moment sees it, except those in ``barred`` (the handler, and who decided in this
    round already). A claimed pool item has an assignee and keeps its pool. A vacant seat has
    neither; ``reason`` names the place that somebody has to fill.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="items")
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="items")
    kind = models.CharField(max_length=10, choices=ItemKind.choices, default=ItemKind.DECISION)
    state = models.CharField(max_length=12, choices=ItemState.choices, default=ItemState.OPEN)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="work_items",
    )
    pool_role = models.ForeignKey("staff.Role", models.PROTECT, null=True, related_name="+")
    pool_branch = models.ForeignKey("staff.Branch", models.PROTECT, null=True, related_name="+")
    pool_department = models.ForeignKey(
        "staff.Department", models.PROTECT, null=True, related_name="+"
    )
    claim_required = models.BooleanField(default=False)
    barred = ArrayField(models.BigIntegerField(), default=list)
    seat = models.PositiveSmallIntegerField(default=1)
    parent_seat = models.PositiveSmallIntegerField(null=True)
    link = models.CharField(max_length=8, choices=ItemLink.choices, blank=True)
    weight = models.PositiveSmallIntegerField(default=1)
    has_veto = models.BooleanField(default=False)
    reason = models.JSONField(default=dict)
    owners = models.JSONField(default=list)
    #: the person away, when a standing delegation brought the item to its assignee
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False, related_name="+"
    )
    delegation = models.ForeignKey(
        "staff.Delegation", models.PROTECT, null=True, db_index=False, related_name="+"
    )
    round = models.PositiveIntegerField()
    arrived_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=24, choices=Decision.choices, blank=True)
    opinion = models.TextField(blank=True)
    conditions = models.JSONField(default=list)
    terms = models.JSONField(default=dict)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    objects = WorkItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("work item")
        constraints = [
            models.UniqueConstraint(
                fields=["stage", "assignee"],
                condition=models.Q(state=ItemState.OPEN, assignee__isnull=False),
                name="one_open_item_per_person",
            ),
            models.UniqueConstraint(
                fields=["case", "round", "decided_by"],
                condition=models.Q(state=ItemState.DECIDED, kind=ItemKind.DECISION),
                name="one_decision_per_round",
            ),
            models.CheckConstraint(
                condition=models.Q(state=ItemState.DECIDED, decided_by__isnull=False)
                & ~models.Q(decision="")
                | ~models.Q(state=ItemState.DECIDED) & models.Q(decided_by=None, decision=""),
                name="decided_item_names_its_decider",
            ),
            models.UniqueConstraint(
                fields=["stage", "seat"],
                condition=models.Q(state__in=["OPEN", "WAITING", "VACANT", "DECIDED"]),
                name="one_item_per_seat",
            ),
            models.CheckConstraint(
                condition=models.Q(parent_seat=None, link="")
                | models.Q(parent_seat__isnull=False, link__in=ItemLink.values),
                name="linked_item_has_parent",
            ),
            models.CheckConstraint(
                condition=models.Q(assignee__isnull=False)
                | models.Q(pool_role__isnull=False)
                | ~models.Q(state__in=["OPEN", "WAITING", "DECIDED", "TRANSFERRED"]),
                name="item_has_person_or_pool",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=ItemState.VACANT)
                | models.Q(assignee=None, pool_role=None, parent_seat=None),
                name="vacant_seat_has_nobody",
            ),
            models.CheckConstraint(
                condition=models.Q(delegation=None)
                | models.Q(on_behalf_of__isnull=False)
                & ~models.Q(on_behalf_of=models.F("assignee")),
                name="delegated_item_names_who_is_away",
            ),
        ]
        indexes = [
            models.Index(
                fields=["assignee", "-arrived_at", "-id"],
                name="item_inbox",
                condition=models.Q(state=ItemState.OPEN),
            ),
            models.Index(
                fields=["pool_role", "pool_branch", "-arrived_at", "-id"],
                name="item_pool",
                condition=models.Q(state=ItemState.OPEN, assignee=None),
            ),
            # The most urgent of a pool first.
            models.Index(
                fields=["pool_role", "due_at", "arrived_at", "id"],
                name="item_pool_due",
                condition=models.Q(state=ItemState.OPEN, assignee=None),
            ),
            models.Index(
                fields=["stage"],
                name="item_open_at",
                condition=models.Q(state=ItemState.OPEN),
            ),
            models.Index(
                fields=["decided_by", "-decided_at", "-id"],
                name="item_done",
                condition=models.Q(decided_by__isnull=False),
            ),
            models.Index(fields=["case", "id"], name="item_of_case"),
            # Which cases came to a person is read from these alone.
            models.Index(
                fields=["assignee", "case"],
                name="item_cases_asked",
                condition=models.Q(assignee__isnull=False),
            ),
            models.Index(
                fields=["decided_by", "case"],
                name="item_cases_decided",
                condition=models.Q(decided_by__isnull=False),
            ),
            models.Index(
                fields=["on_behalf_of", "case"],
                name="item_cases_on_behalf",
                condition=models.Q(on_behalf_of__isnull=False),
            ),
            models.Index(
                fields=["delegation"],
                name="item_delegated",
                condition=models.Q(state__in=["OPEN", "WAITING"], delegation__isnull=False),
            ),
        ]

    @property
    def can_be_taken_back(self) -> bool:
        """An approval, a return, and in a vote that is still open any ballot."""
        if self.decision in (*APPROVING, Decision.RETURN):
            return True
        ballots = (Decision.ABSTAIN, Decision.REJECT, Decision.INVESTIGATE)
        return self.stage.is_open and self.decision in ballots

    @property
    def on_behalf_name(self) -> str:
        """Whom the assignee stands in for; empty when for himself."""
        return self.on_behalf_of.name if self.on_behalf_of is not None else ""

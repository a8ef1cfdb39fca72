"""Inbox, work items, cases and flows: the same services and rules as the pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError as RequestInvalid
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lending_crm.common.api import IDEMPOTENCY_KEY, idempotency_key
from lending_crm.common.api_pages import CursorPages
from lending_crm.common.errors import DomainError, not_found
from staff.selectors import roles_of
from workflows import errors
from workflows.api import serializers
from workflows.choices import VersionState
from workflows.definitions import definition_of
from workflows.field_rights import hidden_fields_of, hidden_from, withhold, without
from workflows.menu import may_configure
from workflows.models import Case, FlowDefinition, FlowVersion, HistoryEvent, WorkItem
from workflows.permits import check_permit
from workflows.screens.actions import offers_for
from workflows.screens.diagram import draw_case
from workflows.screens.history import BALLOTS, case_events, secret_stages
from workflows.screens.inbox import InboxFilter
from workflows.screens.items import case_items
from workflows.screens.reasons import why_me, why_not_me
from workflows.screens.route import load_route
from workflows.services import (
    administration,
    collaboration,
    corrections,
    decisions,
    items,
    signers,
    submission,
)
from workflows.veil import is_veiled, veil_all, veil_events


class NewestFirst(CursorPages):
    ordering = ("-arrived_at", "-id")


class NewestCasesFirst(NewestFirst):
    ordering = ("-submitted_at", "-id")


_ITEMS = WorkItem.objects.select_related(
    "case__handler", "case__branch", "case__department", "case__flow_version", "stage",
    "assignee", "on_behalf_of", "pool_role",
)  # fmt: skip


class InboxView(viewsets.GenericViewSet):
    """What waits for the caller; ``tab`` is todo (default) or claim, ``q`` searches."""

    queryset = WorkItem.objects.none()
    serializer_class = serializers.WorkItemSerializer
    pagination_class = NewestFirst

    @extend_schema(
        parameters=[
            OpenApiParameter("tab", str, enum=["todo", "claim", "done"]),
            OpenApiParameter("q", str),
            OpenApiParameter("kind", str),
            OpenApiParameter("overdue", str, enum=["1"]),
        ],
        responses=serializers.WorkItemSerializer(many=True),
    )
    def list(self, request: Request) -> Response:
        wanted = InboxFilter.of(request.query_params)
        rows = _ITEMS
        match wanted.tab:
            case "claim":
                rows = rows.claimable_by(request.user)
            case "done":
                rows = rows.decided_by_user(request.user)
            case "todo":
                rows = rows.waiting_for(request.user)
            case _:
                raise DomainError(
                    "SYS-422", _("These are cases, not work items: ask /api/v1/cases/ for them."),
                    status=422, field="tab",
                )  # fmt: skip
        if wanted.overdue:
            rows = rows.filter(due_at__lt=timezone.now())
        page = self.paginate_queryset(wanted.narrow(rows, "case__")) or []
        if wanted.tab != "done":
            for item in page:
                item.why_me = why_me(item)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


def visible_case(request: Request, case_id: int) -> Case:
    case = (
        Case.objects.visible_to(request.user)
        .select_related("handler", "branch", "department", "flow_version")
        .filter(pk=case_id)
        .first()
    )
    if case is None:
        raise not_found()
    return case


def readable_case(request: Request, case_id: int) -> Case:
    """The same for whoever may read its business (WF-32 for administrators)."""
    case = visible_case(request, case_id)
    if is_veiled(case, request.user):
        raise errors.business_is_hidden()
    return case


class WorkItemView(APIView):
    @extend_schema(responses=serializers.WorkItemDetailSerializer)
    def get(self, request: Request, item_id: int) -> Response:
        """One work item, why it is the caller's, and the acts that are open to him."""
        item = _ITEMS.filter(pk=item_id).first()
        if item is None:
            raise not_found()
        case = readable_case(request, item.case_id)
        found = case_items(case)
        definition = definition_of(case.flow_version_id)
        if item.stage_id in secret_stages(found, definition, reader_id=request.user.pk):
            item.decision = item.opinion = ""
        offers = offers_for(case, found, definition, partial(case_events, case), request.user)
        own = offers.item is not None and offers.item.pk == item.pk
        item.why_me = why_me(item, definition) if own else ""
        item.why_not_me = "" if own else why_not_me(case, found, request.user)
        item.acts = offers.acts if own else []
        return Response(serializers.WorkItemDetailSerializer(item).data)


@dataclass(frozen=True)
class Act:
    """One act: the service, what it takes, and whose address it is under."""

    service: Callable[..., Case]
    takes: type[Any]
    on: str = "item_id"


ACTS = {
    "approve": Act(decisions.approve, serializers.ApproveInput),
    "approve-with-conditions": Act(decisions.approve, serializers.ConditionsInput),
    "reject": Act(decisions.reject, serializers.OpinionInput),
    "return": Act(decisions.return_case, serializers.ReturnInput),
    "abstain": Act(decisions.abstain, serializers.OpinionInput),
    "transfer": Act(items.transfer, serializers.RecipientInput),
    "add-signers": Act(signers.add_signers, serializers.AddSignersInput),
    "remove-signers": Act(signers.remove_signers, serializers.RemoveSignersInput),
    "delegate": Act(signers.delegate, serializers.RecipientInput),
    "answer": Act(signers.answer, serializers.OpinionInput),
    "claim": Act(items.claim, serializers.ActInput),
    "release": Act(items.release, serializers.ActInput),
    "take-back": Act(items.take_back, serializers.ActInput),
    "request-material": Act(collaboration.request_material, serializers.MaterialInput),
    "correct": Act(corrections.correct_document, serializers.CorrectInput),
    "close-vote": Act(decisions.close_vote, serializers.ActInput),
    "comment": Act(collaboration.comment, serializers.CommentInput, "case_id"),
    "copy": Act(collaboration.copy_case, serializers.CopyInput, "case_id"),
    "urge": Act(collaboration.urge, serializers.UnseenInput, "case_id"),
}
CASE_ACTS = {
    **{name: act for name, act in ACTS.items() if act.on == "case_id"},
    "withdraw": Act(submission.withdraw_case, serializers.CaseReasonInput, "case_id"),
    "reassign": Act(items.reassign, serializers.ReassignInput, "case_id"),
    "suspend": Act(administration.suspend_case, serializers.CaseReasonInput, "case_id"),
    "resume": Act(administration.resume_case, serializers.CaseReasonInput, "case_id"),
    "jump": Act(administration.jump_to_stage, serializers.JumpInput, "case_id"),
    "terminate": Act(administration.terminate_case, serializers.CaseReasonInput, "case_id"),
}


class ActView(APIView):
    """One POST per act; the answer is the case as it stands after it."""

    act: Act = ACTS["approve"]

    def perform(self, request: Request, **target: int) -> Response:
        now = timezone.now()
        try:
            taken = self.act.takes(data=request.data)
            taken.is_valid(raise_exception=True)
            key = idempotency_key(request)
        except (RequestInvalid, DomainError):
            # Whoever may not act hears that, not what is wrong with his words.
            check_permit(self.act.service, actor=request.user, now=now, **target)
            raise
        case = self.act.service(
            **target,
            actor=request.user,
            now=now,
            idempotency_key=key,
            **taken.arguments(),
        )
        found = Case.objects.select_related("handler", "branch", "department", "flow_version").get(
            pk=case.pk
        )
        veil_all([found], request.user)
        return Response(serializers.CaseSerializer(found).data)


class ItemActView(ActView):
    def post(self, request: Request, item_id: int) -> Response:
        item = WorkItem.objects.filter(pk=item_id).only("case_id").first()
        if item is None:
            raise not_found()
        visible_case(request, item.case_id)
        target = item.case_id if self.act.on == "case_id" else item_id
        return self.perform(request, **{self.act.on: target})


class CaseActView(ActView):
    def post(self, request: Request, case_id: int) -> Response:
        visible_case(request, case_id)
        return self.perform(request, **{self.act.on: case_id})


def act_view(base: type[ActView], name: str, act: Act) -> Any:
    """The view of one act, with its own entry in the OpenAPI description."""
    prefix = "cases" if base is CaseActView else "work_items"
    described = extend_schema_view(
        post=extend_schema(
            operation_id=f"{prefix}_{name.replace('-', '_')}",
            parameters=[IDEMPOTENCY_KEY],
            request=act.takes,
            responses=serializers.CaseSerializer,
            description=(act.service.__doc__ or "").split("\n\n")[0],
        )
    )
    title = f"{name.title().replace('-', '')}View"
    return described(type(title, (base,), {"act": act})).as_view()


class CaseViewSet(viewsets.GenericViewSet):
    """Cases that the caller may see."""

    queryset = Case.objects.none()
    serializer_class = serializers.CaseSerializer
    pagination_class = NewestCasesFirst
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[Case]:
        return Case.objects.visible_to(self.request.user).select_related(
            "handler", "branch", "department", "flow_version"
        )

    @extend_schema(parameters=[OpenApiParameter("tab", str, enum=["mine", "copied"])])
    def list(self, request: Request) -> Response:
        """Cases, newest submission first; ``q``, ``kind`` and ``state`` filter.

        ``tab`` narrows to those that the caller handles or that were copied to him.
        """
        wanted = InboxFilter.of(request.query_params)
        # An administrator does not find out by searching what the answer hides from him.
        rows = self.get_queryset()
        if may_configure(request.user):
            rows = rows.filter(wanted.routes())
        else:
            rows = wanted.narrow(rows, sees_all=roles_of(request.user).sees_all)
        if wanted.tab == "mine":
            rows = rows.filter(handler=request.user)
        elif wanted.tab == "copied":
            rows = rows.filter(copies__recipient=request.user)
        page = self.paginate_queryset(rows)
        veil_all(page, request.user)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, pk: str) -> Response:
        case = visible_case(request, int(pk))
        veil_all([case], request.user)
        return Response(self.get_serializer(case).data)

    @extend_schema(responses=serializers.EventSerializer(many=True))
    @action(detail=True)
    def history(self, request: Request, pk: str) -> Response:
        """Every event with its hash; ballots of an open secret vote are withheld."""
        case = visible_case(request, int(pk))
        definition = definition_of(case.flow_version_id)
        items = case_items(case)
        hidden = secret_stages(items, definition, reader_id=request.user.pk)
        events = _readable(case_events(case), hidden)
        withhold(events, hidden_from(request.user, case, items, definition))
        if is_veiled(case, request.user):
            veil_events(events, request.user)
        return Response(serializers.EventSerializer(events, many=True).data)

    @extend_schema(responses={(200, "image/svg+xml"): OpenApiTypes.STR})
    @action(detail=True, url_path="diagram.svg")
    def diagram(self, request: Request, pk: str) -> HttpResponse:
        case = visible_case(request, int(pk))
        svg = draw_case(
            case, case_items(case), now=timezone.now(), language=translation.get_language()
        )
        return HttpResponse(svg, content_type="image/svg+xml; charset=utf-8")

    @extend_schema(responses={(200, "application/xml"): OpenApiTypes.STR})
    @action(detail=True)
    def bpmn(self, request: Request, pk: str) -> HttpResponse:
        """The definition that the case runs on, as BPMN 2.0."""
        case = visible_case(request, int(pk))
        return HttpResponse(case.flow_version.bpmn, content_type="application/xml; charset=utf-8")

    @extend_schema(responses=serializers.PreviewStepSerializer(many=True))
    @action(detail=True)
    def preview(self, request: Request, pk: str) -> Response:
        """The chain with people: decided, current, ahead, skipped and why."""
        case = visible_case(request, int(pk))
        steps = load_route(
            case, case_items(case), language=translation.get_language(), now=timezone.now()
        )
        return Response(serializers.PreviewStepSerializer(steps, many=True).data)

    @extend_schema(responses=serializers.SnapshotSerializer)
    @action(detail=True, url_path=r"snapshots/(?P<number>\d{1,9})")
    def snapshots(self, request: Request, pk: str, number: str) -> Response:
        """The document as its readers saw it under that number."""
        case = readable_case(request, int(pk))
        snapshot = case.snapshots.filter(number=int(number)).first()
        if snapshot is None:
            raise not_found()
        snapshot.content = without(snapshot.content, hidden_fields_of(case, request.user))
        return Response(serializers.SnapshotSerializer(snapshot).data)


def _readable(events: list[HistoryEvent], hidden: set[int]) -> list[HistoryEvent]:
    """Of a ballot in an open secret vote: that somebody voted, not what.

    Its hash is left out in both places: whoever guesses the opinion could prove it by the hash.
    """
    was_ballot = False
    for event in events:
        if was_ballot:
            event.previous_hash = ""
        was_ballot = event.stage_id in hidden and event.kind in BALLOTS
        if was_ballot:
            event.kind = "VOTED"
            event.opinion, event.conditions, event.data, event.hash = "", [], {}, ""
    return events


class FlowViewSet(viewsets.GenericViewSet):
    """Flow definitions with their versions; the route itself as BPMN 2.0."""

    queryset = FlowDefinition.objects.none()
    serializer_class = serializers.FlowSerializer
    pagination_class = None
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[FlowDefinition]:
        versions = FlowVersion.objects.exclude(state=VersionState.DRAFT)
        return FlowDefinition.objects.prefetch_related(Prefetch("versions", queryset=versions))

    def list(self, request: Request) -> Response:
        return Response(self.get_serializer(self.get_queryset(), many=True).data)

    @extend_schema(responses=serializers.FlowDetailSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        definition = self.get_queryset().filter(pk=int(pk)).first()
        if definition is None:
            raise not_found()
        published = [v for v in definition.versions.all() if v.state == VersionState.PUBLISHED]
        definition.bpmn = published[0].bpmn if published else ""  # type: ignore[attr-defined]
        return Response(serializers.FlowDetailSerializer(definition).data)

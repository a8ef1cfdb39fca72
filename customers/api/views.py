"""Customers, contacts and opportunities over HTTP: the same services as the pages."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, cast

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from django_filters.rest_framework import DjangoFilterBackend

from customers.api import serializers as api
from customers.filters import ContactFilter, CustomerFilter, OpportunityFilter
from customers.models import Contact, Customer, Opportunity
from customers.selectors import submission_gaps, submission_refusals
from customers.selectors.changes import changes_of
from customers.selectors.contacts import contact_list
from customers.selectors.customers import customer_list
from customers.selectors.influence import relations_of
from customers.selectors.opportunities import opportunity_list
from customers.services.contacts import create_contact, delete_contact, update_contact
from customers.services.customers import (
    change_owner,
    create_customer,
    delete_customer,
    update_customer,
)
from customers.services.guards import ensure_may_reassign, ensure_owner
from customers.services.influence import create_relations
from customers.services.opportunities import (
    create_opportunity,
    log_follow_up,
    lose_opportunity,
    promote_opportunity,
    step_back,
    update_opportunity,
)
from customers.services.sensitive import ensure_may_reveal, reveal_value
from lending_crm.common.api import IDEMPOTENCY_KEY, idempotency_key, seen_version
from lending_crm.common.api_pages import CursorPages
from staff.models import Employee
from staff.views.request import ip_of


class NewestFirst(CursorPages):
    ordering = ("-created_at", "-id")


class NewestRow(CursorPages):
    ordering = ("-id",)


class _AtRequest(DjangoFilterBackend):
    """Tells the filters the moment of the request: 'due' and 'stalled' depend on it."""

    def get_filterset_kwargs(self, request: Request, queryset: Any, view: Any) -> dict[str, Any]:
        return super().get_filterset_kwargs(request, queryset, view) | {"now": timezone.now()}


class _RecordViewSet(viewsets.GenericViewSet):
    """Lists, reads and takes input in the same way for all three kinds."""

    pagination_class = NewestFirst
    lookup_value_regex = r"\d{1,19}"

    @property
    def actor(self) -> Employee:
        return cast(Employee, self.request.user)

    def act(self) -> dict[str, Any]:
        """Who does it and when, for any service."""
        return {"actor": self.actor, "now": timezone.now()}

    def read(self, serializer: type[Serializer], *, partial: bool = False) -> dict[str, Any]:
        """The input in the types of its columns; the version is read by ``seen_version``."""
        found = serializer(
            data=self.request.data, context=self.get_serializer_context(), partial=partial
        )
        found.is_valid(raise_exception=True)
        return {
            name: value for name, value in found.validated_data.items() if name != "seen_version"
        }

    def own(self) -> Any:
        """The record, for its account manager alone (CUS-11), before anything sent is read."""
        record = self.get_object()
        ensure_owner(record if isinstance(record, Customer) else record.customer, self.actor)
        return record

    def creation_key(self) -> uuid.UUID | None:
        """The client's Idempotency-Key, made unique to him and to this kind of record."""
        if "Idempotency-Key" not in self.request.headers:
            return None
        mark = f"{self.basename}:{self.actor.pk}:{idempotency_key(self.request)}"
        return uuid.uuid5(uuid.NAMESPACE_URL, mark)

    def answer(self, record: Any, *, code: int = status.HTTP_200_OK) -> Response:
        """The record as it is now, read anew with what it shows of others."""
        stored = self.get_queryset().get(pk=record.pk)
        return Response(self.get_serializer(stored).data, status=code)

    def page_of(self, rows: QuerySet, serializer: type[Serializer]) -> Response:
        paginator = NewestRow()
        shown = paginator.paginate_queryset(rows, self.request, view=self)
        return paginator.get_paginated_response(serializer(shown, many=True).data)

    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(self.get_serializer(self.get_object()).data)


class CustomerViewSet(_RecordViewSet):
    """Customers in sight; ``q`` searches by name, number or pinyin initials."""

    queryset = Customer.objects.none()
    serializer_class = api.CustomerSerializer
    filterset_class = CustomerFilter

    def get_queryset(self) -> QuerySet[Customer]:
        return customer_list(self.actor)

    @extend_schema(
        request=api.CustomerInput,
        responses={201: api.CustomerSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    def create(self, request: Request) -> Response:
        """Enter a customer; who enters it becomes its account manager."""
        data = self.read(api.CustomerInput)
        customer = create_customer(
            customer_type=data.pop("customer_type", ""),
            data=data,
            creation_key=self.creation_key(),
            ip=ip_of(request),
            **self.act(),
        )
        return self.answer(customer, code=status.HTTP_201_CREATED)

    @extend_schema(request=api.CustomerUpdate, responses=api.CustomerSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change the fields that are sent; WF-12 when ``seen_version`` is not the stored one."""
        customer = self.own()
        data = self.read(api.CustomerUpdate, partial=True)
        update_customer(
            customer=customer,
            data=data,
            version=seen_version(request),
            ip=ip_of(request),
            **self.act(),
        )
        return self.answer(customer)

    def destroy(self, request: Request, pk: str) -> Response:
        """Remove a customer that nothing refers to."""
        delete_customer(customer=self.get_object(), ip=ip_of(request), **self.act())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses=api.SubmissionSerializer)
    @action(detail=True)
    def submission(self, request: Request, pk: str) -> Response:
        """What a document of this customer still lacks before it may be submitted."""
        customer = self.get_object()
        found = {
            "missing": submission_gaps(customer),
            "refusals": submission_refusals(customer, today=timezone.localdate()),
        }
        return Response(api.SubmissionSerializer(found).data)

    @extend_schema(responses=api.ChangeRecordSerializer(many=True))
    @action(detail=True)
    def changes(self, request: Request, pk: str) -> Response:
        """修改记录 of the customer, its contacts and opportunities, newest first."""
        return self.page_of(changes_of(self.get_object()), api.ChangeRecordSerializer)

    @extend_schema(request=api.OwnerRequest, responses=api.CustomerSerializer)
    @action(detail=True, methods=["post"])
    def owner(self, request: Request, pk: str) -> Response:
        """Give the customer to another account manager of its department."""
        customer = self.get_object()
        ensure_may_reassign(customer, self.actor)
        data = self.read(api.OwnerRequest)
        change_owner(
            customer=customer,
            owner=data["owner"],
            version=seen_version(request),
            ip=ip_of(request),
            **self.act(),
        )
        return Response(self.get_serializer(customer_list(self.actor).get(pk=customer.pk)).data)

    @extend_schema(request=api.RevealRequest, responses=api.RevealAnswer)
    @action(detail=True, methods=["post"])
    def reveal(self, request: Request, pk: str) -> Response:
        """One full number; the access is written down with its reason."""
        return _reveal(self, self.get_object())


class ContactViewSet(_RecordViewSet):
    """Contacts of the customers in sight."""

    queryset = Contact.objects.none()
    serializer_class = api.ContactSerializer
    filterset_class = ContactFilter

    def get_queryset(self) -> QuerySet[Contact]:
        return contact_list(self.actor)

    @extend_schema(
        request=api.ContactInput,
        responses={201: api.ContactSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    def create(self, request: Request) -> Response:
        """Add a contact to a customer of one's own."""
        data = self.read(api.ContactInput)
        contact = create_contact(
            customer=data.pop("customer"),
            data=data,
            creation_key=self.creation_key(),
            ip=ip_of(request),
            **self.act(),
        )
        return self.answer(contact, code=status.HTTP_201_CREATED)

    @extend_schema(request=api.ContactUpdate, responses=api.ContactSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change the fields that are sent."""
        contact = self.own()
        data = self.read(api.ContactUpdate, partial=True)
        update_contact(
            contact=contact,
            data=data,
            version=seen_version(request),
            ip=ip_of(request),
            **self.act(),
        )
        return self.answer(contact)

    def destroy(self, request: Request, pk: str) -> Response:
        """Remove a contact with its relations."""
        delete_contact(contact=self.get_object(), ip=ip_of(request), **self.act())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(methods=["get"], responses=api.RelationSerializer(many=True))
    @extend_schema(
        methods=["post"],
        request=api.RelationRequest,
        responses={201: api.RelationSerializer(many=True)},
    )
    @action(detail=True, methods=["get", "post"], filter_backends=[], pagination_class=None)
    def relations(self, request: Request, pk: str) -> Response:
        """Influence relations from and to this contact; POST draws new ones."""
        contact = self.get_object() if request.method == "GET" else self.own()
        if request.method == "POST":
            data = self.read(api.RelationRequest)
            create_relations(
                contact=contact,
                others=data.pop("contacts"),
                ip=ip_of(request),
                **data,
                **self.act(),
            )
        rows = relations_of(contact, user=self.actor)
        code = status.HTTP_201_CREATED if request.method == "POST" else status.HTTP_200_OK
        return Response(api.RelationSerializer(rows, many=True).data, status=code)

    @extend_schema(request=api.RevealRequest, responses=api.RevealAnswer)
    @action(detail=True, methods=["post"])
    def reveal(self, request: Request, pk: str) -> Response:
        """One full number; the access is written down with its reason."""
        return _reveal(self, self.get_object())


class OpportunityViewSet(_RecordViewSet):
    """业务拓展 of the customers in sight; the ladder moves by its own acts."""

    queryset = Opportunity.objects.none()
    serializer_class = api.OpportunitySerializer
    filterset_class = OpportunityFilter
    filter_backends = (_AtRequest,)

    def get_queryset(self) -> QuerySet[Opportunity]:
        return opportunity_list(self.actor)

    def move(self, service: Callable[..., Opportunity], input_of: type[Serializer]) -> Response:
        """Run one act of the ladder on the version that the client had read."""
        opportunity = self.own()
        data = self.read(input_of)
        version = seen_version(self.request)
        return self.answer(service(opportunity=opportunity, version=version, **data, **self.act()))

    @extend_schema(
        request=api.OpportunityInput,
        responses={201: api.OpportunitySerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    def create(self, request: Request) -> Response:
        """Open an opportunity at the first stage."""
        data = self.read(api.OpportunityInput)
        opportunity = create_opportunity(
            customer=data.pop("customer"),
            data=data,
            creation_key=self.creation_key(),
            ip=ip_of(request),
            **self.act(),
        )
        return self.answer(opportunity, code=status.HTTP_201_CREATED)

    @extend_schema(request=api.OpportunityUpdate, responses=api.OpportunitySerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change the fields that are sent."""
        opportunity = self.own()
        data = self.read(api.OpportunityUpdate, partial=True)
        update_opportunity(
            opportunity=opportunity,
            data=data,
            version=seen_version(request),
            ip=ip_of(request),
            **self.act(),
        )
        return self.answer(opportunity)

    @extend_schema(request=api.PromoteRequest, responses=api.OpportunitySerializer)
    @action(detail=True, methods=["post"])
    def promote(self, request: Request, pk: str) -> Response:
        """阶段升迁: one step up."""
        return self.move(promote_opportunity, api.PromoteRequest)

    @extend_schema(request=api.StepBackRequest, responses=api.OpportunitySerializer)
    @action(detail=True, methods=["post"], url_path="step-back")
    def step_back(self, request: Request, pk: str) -> Response:
        """Down to an earlier stage, with a reason."""
        return self.move(step_back, api.StepBackRequest)

    @extend_schema(request=api.LoseRequest, responses=api.OpportunitySerializer)
    @action(detail=True, methods=["post"])
    def lose(self, request: Request, pk: str) -> Response:
        """Close it as lost."""
        return self.move(lose_opportunity, api.LoseRequest)

    @extend_schema(responses=api.StageChangeSerializer(many=True))
    @action(detail=True)
    def history(self, request: Request, pk: str) -> Response:
        """Every move on the ladder, newest first."""
        rows = self.get_object().stage_changes.select_related("by")
        return self.page_of(rows, api.StageChangeSerializer)

    @extend_schema(methods=["get"], responses=api.FollowUpSerializer(many=True))
    @extend_schema(
        methods=["post"],
        request=api.FollowUpSerializer,
        responses={201: api.FollowUpSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    @action(detail=True, methods=["get", "post"], url_path="follow-ups")
    def follow_ups(self, request: Request, pk: str) -> Response:
        """跟进内容; POST notes what was done and when the next step is due."""
        opportunity = self.get_object() if request.method == "GET" else self.own()
        if request.method == "GET":
            rows = opportunity.follow_ups.select_related("by")
            return self.page_of(rows, api.FollowUpSerializer)
        data = self.read(api.FollowUpSerializer)
        note = log_follow_up(
            opportunity=opportunity, creation_key=self.creation_key(), **data, **self.act()
        )
        return Response(api.FollowUpSerializer(note).data, status=status.HTTP_201_CREATED)


def _reveal(view: _RecordViewSet, record: Customer | Contact) -> Response:
    ensure_may_reveal(record, view.request.data, view.actor)
    data = view.read(api.RevealRequest)
    value = reveal_value(record=record, ip=ip_of(view.request), **data, **view.act())
    answer = Response({"field": data["field"], "value": value})
    answer["Cache-Control"] = "no-store"
    return answer

"""Work handovers over HTTP: the desk's endpoints, the list, 执行 and 交还."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from documents.api.desk import DeskViewSet
from lending_crm.common.api import InputSerializer
from lending_crm.common.api_pages import CursorPages
from resources.models import HandoverItem
from resources.selectors import items_of
from resources.services.execution import execute_handover
from resources.services.items import assign_receiver, include_items, use_settings
from resources.services.returning import begin_return
from staff.api.serializers import PersonSerializer
from staff.models import Employee
from staff.views.request import ip_of

_VERSION = {"min_value": 1, "max_value": 2**31 - 1}


class HandoverItemSerializer(serializers.ModelSerializer):
    """One thing of the list, with what became of it."""

    title = serializers.CharField(read_only=True)
    receiver = PersonSerializer(read_only=True)

    class Meta:
        model = HandoverItem
        fields = (
            "id", "kind", "title", "object_id", "label", "detail", "url", "customer", "receiver",
            "is_own_receiver", "is_included", "problem", "outcome", "code", "note", "moved_on",
        )  # fmt: skip
        read_only_fields = fields


class HandoverItemsInput(InputSerializer):
    """Either a ``receiver`` for the things, or whether they are in the list, or neither: then
    they go to whom the settings name."""

    items = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), max_length=5000
    )
    receiver = serializers.PrimaryKeyRelatedField(
        queryset=Employee.objects.all(), required=False, allow_null=True, default=None
    )
    is_included = serializers.BooleanField(required=False, allow_null=True, default=None)
    seen_version = serializers.IntegerField(**_VERSION)


class HandoverExecutionInput(InputSerializer):
    seen_version = serializers.IntegerField(**_VERSION)


class GiveBackInput(InputSerializer):
    giver = serializers.PrimaryKeyRelatedField(
        queryset=Employee.objects.all(), help_text=_("who received it and gives it back")
    )


class ListOrder(CursorPages):
    ordering = ("position", "id")
    page_size = 100


class HandoverViewSet(DeskViewSet):
    """Adds the list, 执行移交 and 交还."""

    @extend_schema(
        methods=["get"],
        parameters=[OpenApiParameter("kind", str), OpenApiParameter("q", str)],
        responses=HandoverItemSerializer(many=True),
    )
    @extend_schema(methods=["post"], request=HandoverItemsInput)
    @action(detail=True, methods=["get", "post"], pagination_class=ListOrder)
    def items(self, request: Request, pk: str) -> Response:
        """移交清单: what could be moved, chosen or not; POST changes some of it."""
        if request.method == "POST":
            return self._change(request)
        found = items_of(
            self.get_object(),
            kind=request.query_params.get("kind", "")[:30],
            words=request.query_params.get("q", ""),
        )
        page = self.paginate_queryset(found)
        return self.get_paginated_response(HandoverItemSerializer(page, many=True).data)

    def _change(self, request: Request) -> Response:
        handover = self.own()
        given = self.read(HandoverItemsInput)
        receiver, is_included = given.pop("receiver"), given.pop("is_included")
        shared: dict[str, Any] = {
            "handover_id": handover.pk,
            "actor": self.actor,
            "now": timezone.now(),
            "ip": ip_of(request._request),
            **given,
        }
        if receiver is not None:
            assign_receiver(receiver=receiver, **shared)
        elif is_included is not None:
            include_items(is_included=is_included, **shared)
        else:
            use_settings(**shared)
        return self.answer(handover.pk)

    @extend_schema(request=HandoverExecutionInput)
    @action(detail=True, methods=["post"])
    def execute(self, request: Request, pk: str) -> Response:
        """执行移交 (信息管理员): one transaction; the list says what became of each."""
        handover = self.get_object()
        execute_handover(
            handover_id=handover.pk,
            actor=self.actor,
            now=timezone.now(),
            ip=ip_of(request._request),
            **self.read(HandoverExecutionInput),
        )
        return self.answer(handover.pk)

    @extend_schema(request=GiveBackInput)
    @action(detail=True, methods=["post"], url_path="return")
    def give_back(self, request: Request, pk: str) -> Response:
        """交还: the draft of the handover the other way round."""
        draft = begin_return(
            handover_id=self.get_object().pk,
            actor=self.actor,
            now=timezone.now(),
            ip=ip_of(request._request),
            **self.read(GiveBackInput),
        )
        return self.answer(draft.pk, code=status.HTTP_201_CREATED)

"""Text messages and their templates over HTTP: the same services as the pages."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from lending_crm.common.api import IDEMPOTENCY_KEY, idempotency_key
from lending_crm.common.api_pages import CursorPages
from sms import errors, selectors
from sms.api import serializers as api
from sms.filters import MessageFilter
from sms.models import SmsMessage, SmsTemplate
from sms.rules.permissions import (
    may_approve_templates,
    may_read_log,
    may_read_templates,
    may_write_templates,
)
from sms.services.sending import send_message
from sms.services.templates import (
    approve_version,
    create_template,
    reject_version,
    write_version,
)
from staff.models import Employee
from staff.views.request import ip_of


class _Newest(CursorPages):
    ordering = ("-created_at", "-id")


class _ViewSet(viewsets.GenericViewSet):
    pagination_class = _Newest
    lookup_value_regex = r"\d{1,19}"

    @property
    def actor(self) -> Employee:
        return cast(Employee, self.request.user)

    def act(self) -> dict[str, Any]:
        return {"actor": self.actor, "now": timezone.now()}

    def read(self, serializer: type[Serializer]) -> dict[str, Any]:
        found = serializer(data=self.request.data, context=self.get_serializer_context())
        found.is_valid(raise_exception=True)
        return found.validated_data

    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(self.get_serializer(self.get_object()).data)


class MessageViewSet(_ViewSet):
    """The log of the customers in sight; POST sends a message."""

    queryset = SmsMessage.objects.none()
    serializer_class = api.SmsMessageSerializer
    filterset_class = MessageFilter

    def get_queryset(self) -> QuerySet[SmsMessage]:
        if not may_read_log(self.actor):
            raise errors.not_allowed()
        return selectors.message_list(self.actor)

    @extend_schema(
        request=api.SendRequest,
        responses={201: api.SmsMessageSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    def create(self, request: Request) -> Response:
        """Queue one message; SMS-01 to SMS-03 say why it may not go."""
        if not may_read_log(self.actor):
            raise errors.not_allowed()
        mark = f"sms:{self.actor.pk}:{idempotency_key(request)}"
        data = self.read(api.SendRequest)
        message = send_message(
            record=data.get("contact") or data["customer"],
            template_id=data["template"],
            values=data.get("values", {}),
            creation_key=uuid.uuid5(uuid.NAMESPACE_URL, mark),
            **self.act(),
        )
        stored = selectors.message_list(self.actor).get(pk=message.pk)
        return Response(self.get_serializer(stored).data, status=status.HTTP_201_CREATED)


class TemplateViewSet(_ViewSet):
    """Templates with every text that was ever proposed for them."""

    queryset = SmsTemplate.objects.none()
    serializer_class = api.SmsTemplateSerializer
    filter_backends = ()

    def get_queryset(self) -> QuerySet[SmsTemplate]:
        if not may_read_templates(self.actor):
            raise errors.may_not_configure()
        return SmsTemplate.objects.prefetch_related("versions")

    def refuse_unless(self, is_allowed: bool) -> None:
        """403 before anything that was sent is judged."""
        if not is_allowed:
            raise errors.may_not_configure()

    def answer(self, pk: int, *, code: int = status.HTTP_200_OK) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=pk)).data, status=code)

    @extend_schema(request=api.TemplateInput, responses={201: api.SmsTemplateSerializer})
    def create(self, request: Request) -> Response:
        """Enter a template with its first text, which waits for approval."""
        self.refuse_unless(may_write_templates(self.actor))
        data = self.read(api.TemplateInput)
        text = data.pop("text")
        template = create_template(values=data, text=text, ip=ip_of(request), **self.act())
        return self.answer(template.pk, code=status.HTTP_201_CREATED)

    @extend_schema(request=api.TextInput, responses=api.SmsTemplateSerializer)
    @action(detail=True, methods=["post"])
    def text(self, request: Request, pk: str) -> Response:
        """Propose another text."""
        template = self.get_object()
        self.refuse_unless(may_write_templates(self.actor))
        data = self.read(api.TextInput)
        write_version(template_id=template.pk, text=data["text"], **self.act())
        return self.answer(template.pk)

    @extend_schema(request=api.DecisionInput, responses=api.SmsTemplateSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Let the text be used; never by who wrote it."""
        template = self.get_object()
        self.refuse_unless(may_approve_templates(self.actor))
        data = self.read(api.DecisionInput)
        version = get_object_or_404(template.versions, number=data["version"])
        approve_version(version_id=version.pk, **self.act())
        return self.answer(template.pk)

    @extend_schema(request=api.DecisionInput, responses=api.SmsTemplateSerializer)
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: str) -> Response:
        """Turn the text down, with the reason."""
        template = self.get_object()
        self.refuse_unless(may_approve_templates(self.actor))
        data = self.read(api.DecisionInput)
        version = get_object_or_404(template.versions, number=data["version"])
        reject_version(version_id=version.pk, note=data.get("note", ""), **self.act())
        return self.answer(template.pk)

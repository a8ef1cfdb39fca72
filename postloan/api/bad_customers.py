"""Bad customers over HTTP: the desk's endpoints, and the records of asset recovery."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from documents.api.desk import DeskViewSet
from documents.rules import refuse_unless
from lending_crm.common.api import IDEMPOTENCY_KEY, ModelInputSerializer, idempotency_key
from postloan.models import RecoveryRecord
from postloan.selectors.bad_customers import recovery_records
from postloan.services.bad_records import may_record, write_record
from staff.api.serializers import PersonSerializer

_TYPED = ("kind", "done_on", "done_at", "content", "amount", "next_step_on")


class RecoveryRecordSerializer(serializers.ModelSerializer):
    by = PersonSerializer(read_only=True)

    class Meta:
        model = RecoveryRecord
        fields = ("id", *_TYPED, "by", "at")
        read_only_fields = fields


class RecoveryRecordInput(ModelInputSerializer):
    class Meta:
        model = RecoveryRecord
        fields = _TYPED


class BadCustomerViewSet(DeskViewSet):
    """Adds 处置方案 and 回收记录 of asset recovery."""

    @extend_schema(
        methods=["POST"],
        request=RecoveryRecordInput,
        responses={201: RecoveryRecordSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    @extend_schema(methods=["GET"], responses=RecoveryRecordSerializer(many=True))
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def records(self, request: Request, pk: str) -> Response:
        """What asset recovery planned and did; its officer adds to it."""
        handover = self.get_object()
        if request.method == "GET":
            return Response(RecoveryRecordSerializer(recovery_records(handover), many=True).data)
        refuse_unless(may_record(handover, self.actor))
        mark = f"recovery:{self.actor.pk}:{idempotency_key(request)}"
        given: dict[str, Any] = self.read(RecoveryRecordInput)
        record = write_record(
            handover_id=handover.pk,
            actor=self.actor,
            now=timezone.now(),
            creation_key=uuid.uuid5(uuid.NAMESPACE_URL, mark),
            **given,
        )
        return Response(RecoveryRecordSerializer(record).data, status=status.HTTP_201_CREATED)

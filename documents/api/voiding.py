"""作废申请 through the API: the same services as the pages."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from documents.models import VoidRequest
from documents.responses import client_ip
from documents.selectors import readable_void_request, void_requests
from documents.services import voiding
from documents.services.documents import VOID_REASON_LIMIT
from lending_crm.common.api import InputSerializer
from lending_crm.common.api_pages import CursorPages
from staff.api.serializers import PersonSerializer


class VoidRequestInput(InputSerializer):
    doc_no = serializers.CharField(max_length=40)
    reason = serializers.CharField(max_length=VOID_REASON_LIMIT)


class VoidAnswerInput(InputSerializer):
    reason = serializers.CharField(
        default="", allow_blank=True, help_text=_("at least 5 characters")
    )


class VoidRequestSerializer(serializers.ModelSerializer):
    doc_no = serializers.CharField(source="document.doc_no", read_only=True)
    requested_by = PersonSerializer(read_only=True)
    closed_by = PersonSerializer(read_only=True, allow_null=True)

    class Meta:
        model = VoidRequest
        fields = (
            "id", "doc_no", "reason", "role", "state", "requested_by", "requested_at",
            "closed_by", "closed_at", "answer",
        )  # fmt: skip
        read_only_fields = fields


class NewestFirst(CursorPages):
    ordering = ("-requested_at", "-id")


class VoidRequestViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """Requests to void an approved document; one asks, somebody in the other role answers."""

    serializer_class = VoidRequestSerializer
    pagination_class = NewestFirst
    lookup_value_regex = r"\d{1,18}"
    queryset = VoidRequest.objects.none()

    def get_queryset(self) -> Any:
        return void_requests(self.request.user)  # type: ignore[arg-type]

    @extend_schema(responses=VoidRequestSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        return self._answer(int(pk))

    @extend_schema(request=VoidRequestInput, responses={201: VoidRequestSerializer})
    def create(self, request: Request) -> Response:
        """Ask that an approved document be voided (DOC-02, DOC-03, DOC-11, DOC-09, DOC-10)."""
        voiding.require_voider(request.user)  # type: ignore[arg-type]
        given = self._read(VoidRequestInput)
        asked = voiding.request_void(**given, **self._who())
        return self._answer(asked.pk, status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=VoidRequestSerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: str) -> Response:
        """Void the document, as the other role and another person (DOC-12, DOC-13)."""
        asked = readable_void_request(int(pk), request.user)
        voiding.confirm_void(request_id=asked.pk, **self._who())
        return self._answer(asked.pk)

    @extend_schema(request=VoidAnswerInput, responses=VoidRequestSerializer)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: str) -> Response:
        """Leave the document as it is and say why (DOC-12, DOC-13)."""
        asked = readable_void_request(int(pk), request.user)
        given = self._read(VoidAnswerInput)
        voiding.decline_void(request_id=asked.pk, **given, **self._who())
        return self._answer(asked.pk)

    @extend_schema(request=None, responses=VoidRequestSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take the own request back (DOC-13, DOC-14)."""
        asked = readable_void_request(int(pk), request.user)
        voiding.withdraw_void(request_id=asked.pk, **self._who())
        return self._answer(asked.pk)

    def _read(self, serializer: type[serializers.Serializer]) -> dict[str, Any]:
        checked = serializer(data=self.request.data)
        checked.is_valid(raise_exception=True)
        return checked.validated_data

    def _who(self) -> dict[str, Any]:
        return {
            "actor": self.request.user,
            "now": timezone.now(),
            "ip": client_ip(self.request._request),
        }

    def _answer(self, pk: int, code: int = status.HTTP_200_OK) -> Response:
        found = readable_void_request(pk, self.request.user)  # type: ignore[arg-type]
        return Response(VoidRequestSerializer(found).data, status=code)

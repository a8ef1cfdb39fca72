"""Legal holds and the figures of keeping over HTTP: the services and refusals of their pages.

Everything is the information administrators' (RET-01), who know customers by their number only
(N26): no answer holds a name.
"""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lending_crm.common.api import InputSerializer, ModelInputSerializer, seen_version
from lending_crm.common.api_pages import CursorPages
from lending_crm.common.errors import DomainError
from privacy.models import LegalHold, PrivacySetting
from privacy.rules.retention import ensure_may_administer
from privacy.selectors.retention import active_holds, all_holds, past_holds
from privacy.selectors.settings import privacy_setting
from privacy.services.holds import lift_hold, set_hold
from privacy.services.settings import FIELDS, update_privacy_setting
from staff.api.serializers import PersonSerializer
from staff.models import Employee
from staff.views.request import ip_of

_STATES = {"active": active_holds, "lifted": past_holds}
_LONGEST_TEXT = 2000


class LegalHoldSerializer(serializers.ModelSerializer):
    customer_no = serializers.CharField(source="customer.customer_no")
    branch_name = serializers.CharField(source="customer.branch.name")
    set_by = PersonSerializer()
    lifted_by = PersonSerializer(allow_null=True)

    class Meta:
        model = LegalHold
        fields = (
            "id",
            "customer_no",
            "branch_name",
            "reason",
            "set_by",
            "set_at",
            "lifted_by",
            "lifted_at",
            "lift_reason",
        )
        read_only_fields = fields


class HoldInput(InputSerializer):
    customer_no = serializers.CharField(max_length=40)
    reason = serializers.CharField(max_length=_LONGEST_TEXT, allow_blank=True, default="")


class LiftInput(InputSerializer):
    reason = serializers.CharField(max_length=_LONGEST_TEXT, allow_blank=True, default="")


class PrivacySettingSerializer(serializers.ModelSerializer):
    class Meta:
        model = PrivacySetting
        fields = (*FIELDS, "version")
        read_only_fields = fields


class PrivacySettingInput(ModelInputSerializer):
    """What is left out stays; the bounds are the service's (RET-08, RET-09)."""

    seen_version = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    keep_years = serializers.IntegerField(required=False, min_value=0, max_value=2**15 - 1)
    export_days = serializers.IntegerField(required=False, min_value=0, max_value=2**15 - 1)
    runs_daily = serializers.BooleanField(required=False)

    class Meta:
        model = PrivacySetting
        fields = ("seen_version", *FIELDS)


class _Newest(CursorPages):
    ordering = ("-id",)


class LegalHoldViewSet(viewsets.GenericViewSet):
    """法律保留: whose data stays beyond its time, and why."""

    queryset = LegalHold.objects.none()
    serializer_class = LegalHoldSerializer
    pagination_class = _Newest
    filter_backends = ()
    lookup_value_regex = r"\d{1,18}"

    @property
    def actor(self) -> Employee:
        return cast(Employee, self.request.user)

    def get_queryset(self) -> QuerySet[LegalHold]:
        return all_holds()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """403 before anything that was sent is judged."""
        super().initial(request, *args, **kwargs)
        ensure_may_administer(self.actor)

    def read(self, serializer: type[serializers.Serializer]) -> dict[str, Any]:
        found = serializer(data=self.request.data, context=self.get_serializer_context())
        found.is_valid(raise_exception=True)
        return found.validated_data

    def answer(self, pk: int, *, code: int = status.HTTP_200_OK) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=pk)).data, status=code)

    @extend_schema(
        parameters=[OpenApiParameter("state", str, enum=[*_STATES], description="All without it.")]
    )
    def list(self, request: Request) -> Response:
        state = request.query_params.get("state", "")
        if state and state not in _STATES:
            raise DomainError("SYS-400", _("There is no such state."), status=400, field="state")
        page = self.paginate_queryset(_STATES.get(state, all_holds)())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, pk: str) -> Response:
        return self.answer(self.get_object().pk)

    @extend_schema(request=HoldInput, responses={201: LegalHoldSerializer})
    def create(self, request: Request) -> Response:
        """Hold a customer back (RET-03 to RET-06)."""
        hold = set_hold(actor=self.actor, now=timezone.now(), **self.read(HoldInput))
        return self.answer(hold.pk, code=status.HTTP_201_CREATED)

    @extend_schema(request=LiftInput, responses=LegalHoldSerializer)
    @action(detail=True, methods=["post"])
    def lift(self, request: Request, pk: str) -> Response:
        """Let it go again: the period counts as if it had never stopped (RET-03, RET-07)."""
        hold = self.get_object()
        lift_hold(hold_id=hold.pk, actor=self.actor, now=timezone.now(), **self.read(LiftInput))
        return self.answer(hold.pk)


class PrivacySettingView(APIView):
    """个人信息保留期: the one row of the lender's figures."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        ensure_may_administer(cast(Employee, request.user))

    @extend_schema(operation_id="privacy_settings_retrieve", responses=PrivacySettingSerializer)
    def get(self, request: Request) -> Response:
        return Response(PrivacySettingSerializer(privacy_setting()).data)

    @extend_schema(
        operation_id="privacy_settings_partial_update",
        request=PrivacySettingInput,
        responses=PrivacySettingSerializer,
    )
    def patch(self, request: Request) -> Response:
        """Change what is sent, if nobody has changed them since they were read (WF-12)."""
        seen = seen_version(request)
        found = PrivacySettingInput(data=request.data)
        found.is_valid(raise_exception=True)
        stored = privacy_setting()
        values = {name: found.validated_data.get(name, getattr(stored, name)) for name in FIELDS}
        changed = update_privacy_setting(
            values=values,
            version=seen,
            actor=cast(Employee, request.user),
            now=timezone.now(),
            ip=ip_of(request._request),
        )
        return Response(PrivacySettingSerializer(changed).data)

"""关系图, 公海 and scores over HTTP: the selectors and services of the pages."""

from __future__ import annotations

from typing import Any, cast

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from customers.choices import InfluenceStrength, InfluenceType
from customers.forms.graph import GraphFilterForm
from customers.models import Customer
from customers.selectors.graph import relation_graph
from customers.selectors.pool import pooled
from customers.selectors.scores import scores_of, with_referrals
from customers.services.pool import claim_from_pool
from lending_crm.common.api_pages import CursorPages
from staff.models import Employee
from staff.views.request import ip_of


class GraphNodeSerializer(serializers.Serializer):
    id = serializers.CharField(source="key")
    kind = serializers.CharField(help_text="The contact type, or COMPANY.")
    name = serializers.CharField()
    customer = serializers.CharField()
    is_centre = serializers.BooleanField()
    x = serializers.FloatField()
    y = serializers.FloatField()


class GraphLineSerializer(serializers.Serializer):
    start = serializers.CharField(source="source.key")
    end = serializers.CharField(source="target.key")
    label = serializers.CharField()  # type: ignore[assignment]
    strength = serializers.IntegerField(help_text="1 weak to 3 strong; 0 is a risk hint.")
    is_dashed = serializers.BooleanField(help_text="Reaches another customer.")


class RiskHintSerializer(serializers.Serializer):
    kinds = serializers.ListField(child=serializers.CharField())
    name = serializers.CharField(source="mine.name")
    other_name = serializers.CharField(source="other.name")
    other_customer = serializers.IntegerField(source="other_customer.pk")
    other_customer_name = serializers.CharField(source="other_customer.name")


class RelationGraphSerializer(serializers.Serializer):
    nodes = GraphNodeSerializer(many=True)
    lines = GraphLineSerializer(many=True)
    hints = RiskHintSerializer(many=True, source="hints.shown")
    has_hidden_hints = serializers.BooleanField(
        source="hints.has_hidden",
        help_text="A link leads to a customer out of sight; ask head-office risk control.",
    )


class RelationGraphView(APIView):
    @extend_schema(
        responses=RelationGraphSerializer,
        parameters=[
            OpenApiParameter("influence_type", enum=InfluenceType.values),
            OpenApiParameter("strength", int, enum=InfluenceStrength.values[1:]),
        ],
    )
    def get(self, request: Request, pk: int) -> Response:
        """Who influences whom around the customer; a filter that is not known chooses all."""
        user = cast(Employee, request.user)
        customer = get_object_or_404(Customer.objects.visible_to(user), pk=pk)
        chosen = GraphFilterForm(request.query_params).chosen
        return Response(RelationGraphSerializer(relation_graph(user, customer, **chosen)).data)


class ScorePartSerializer(serializers.Serializer):
    code = serializers.CharField()
    points = serializers.DecimalField(max_digits=4, decimal_places=1)
    most = serializers.IntegerField()
    is_known = serializers.BooleanField()


class ScoreSerializer(serializers.Serializer):
    total = serializers.DecimalField(max_digits=4, decimal_places=1)
    parts = ScorePartSerializer(many=True)


class CustomerScoresSerializer(serializers.Serializer):
    value = ScoreSerializer()
    risk = ScoreSerializer()


class ScoresView(APIView):
    @extend_schema(responses=CustomerScoresSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Value and risk of 0 to 100 with their parts; nothing is decided by them."""
        user = cast(Employee, request.user)
        customer = get_object_or_404(with_referrals(Customer.objects.visible_to(user)), pk=pk)
        (scored,) = scores_of([customer], day=timezone.localdate())
        return Response(CustomerScoresSerializer(scored).data)


class PooledCustomerSerializer(serializers.ModelSerializer):
    """Only what says whether a prospect is worth asking for."""

    last_owner = serializers.CharField(source="owner.name")

    class Meta:
        model = Customer
        fields = ("id", "name", "customer_type", "industry", "tier", "pooled_at", "last_owner")
        read_only_fields = fields


class ClaimedSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    owner = serializers.IntegerField(source="owner_id")
    grade_due = serializers.DateField()


class _LongestFirst(CursorPages):
    ordering = ("-since", "-id")


class PoolViewSet(viewsets.GenericViewSet):
    """公海 of one's branch; ``claim`` makes the caller the account manager."""

    queryset = Customer.objects.none()
    serializer_class = PooledCustomerSerializer
    pagination_class = _LongestFirst
    lookup_value_regex = r"\d{1,19}"

    def get_queryset(self) -> Any:
        return pooled(cast(Employee, self.request.user))

    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(request=None, responses=ClaimedSerializer)
    @action(detail=True, methods=["post"])
    def claim(self, request: Request, pk: str) -> Response:
        """Take a prospect of one's branch (POL-01 … POL-04)."""
        customer = claim_from_pool(
            customer=self.get_object(),
            actor=cast(Employee, request.user),
            now=timezone.now(),
            ip=ip_of(request),
        )
        return Response(ClaimedSerializer(customer).data)

"""Business applications over HTTP: the same services as the pages."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from applications.api import serializers as api
from applications.assessment import local_day
from applications.costing import cost_of
from applications.desks.application import DESK
from applications.models import AmountLine, BusinessApplication, FeeLine, Product
from applications.preview import ApplicationPreview, preview_of
from applications.selectors import products
from applications.services.drafts import copy_application
from documents.api.desk import DeskViewSet, described
from lending_crm.common.errors import DomainError
from staff.views.request import ip_of


class ProductViewSet(viewsets.ReadOnlyModelViewSet):
    """Products and their ranges; applications name them by ``code``."""

    queryset = Product.objects.none()
    serializer_class = api.ProductSerializer
    pagination_class = None
    lookup_field = "code"
    filter_backends = ()

    def get_queryset(self) -> QuerySet[Product]:
        return products()


@described
class BusinessApplicationViewSet(DeskViewSet):
    """业务申请单 in sight; ``q`` finds by number, subject, customer or pinyin initials."""

    desk = DESK
    shapes = api.ApplicationShapes(DESK)
    serializer_class = api.ApplicationSerializer

    def preview_of(self, document: BusinessApplication) -> ApplicationPreview:
        return preview_of(document, actor=self.actor, now=timezone.now())

    @extend_schema(
        parameters=[OpenApiParameter("reason", str, required=True)],
        responses={200: api.ApplicationSerializer},
    )
    def destroy(self, request: Request, pk: str) -> Response:
        """The same as ``void``: the answer is the void application."""
        return self.voided(self.get_object(), request.query_params.get("reason", ""))

    @extend_schema(request=None, responses={201: api.ApplicationSerializer})
    @action(detail=True, methods=["post"])
    def copy(self, request: Request, pk: str) -> Response:
        """A new draft of an expired, void or rejected application (APP-03)."""
        copy = copy_application(
            application_id=self.get_object().pk,
            actor=self.actor,
            now=timezone.now(),
            ip=ip_of(request._request),
        )
        return self.answer(copy.pk, code=status.HTTP_201_CREATED)

    @extend_schema(request=api.ScheduleInput, responses=api.CostSerializer)
    @action(detail=False, methods=["post"], url_path="schedule-preview")
    def schedule_preview(self, request: Request) -> Response:
        """Schedules and all-in annual cost of any rows; nothing is stored."""
        given = self.read(api.ScheduleInput)
        cost = cost_of(
            [AmountLine(**row) for row in given["lines"]],
            [FeeLine(**row) for row in given.get("fees", ())],
            start=given.get("start") or local_day(timezone.now()),
        )
        if cost.problem is not None and None in cost.schedules:
            index = cost.schedules.index(None)
            raise DomainError(
                "SYS-422",
                cost.problem.message,
                status=422,
                field=f"lines.{index}.{cost.problem.field}",
            )
        return Response(api.CostSerializer(cost).data)

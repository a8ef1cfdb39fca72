"""Intermediary business over HTTP: what every desk offers, and the steps after the approval."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from applications.desks import INTERMEDIARY
from applications.models import FeeBooking
from applications.services import intermediary as acts
from applications.sheet import sheet_of
from documents.api.desk import desk_viewset
from documents.api.shapes import ReasonInput
from lending_crm.common.api import InputSerializer, ModelInputSerializer
from staff.api.serializers import PersonSerializer
from staff.views.request import ip_of

_MONEY = {"max_digits": 18, "decimal_places": 2}


class BalancesSerializer(serializers.Serializer):
    """Yuan; ``balance`` is still to be passed on."""

    due = serializers.DecimalField(**_MONEY)
    received = serializers.DecimalField(**_MONEY)
    paid = serializers.DecimalField(**_MONEY)
    refunded = serializers.DecimalField(**_MONEY)
    balance = serializers.DecimalField(**_MONEY)


class StandingLineSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="line.pk")
    item = serializers.CharField(source="line.item")
    payee = serializers.CharField(source="line.payee")
    balances = BalancesSerializer()


class BookingSerializer(ModelInputSerializer):
    booked_by = PersonSerializer(read_only=True)

    class Meta:
        model = FeeBooking
        fields = (
            "id",
            "line",
            "kind",
            "amount",
            "booked_on",
            "voucher",
            "note",
            "reverses",
            "booked_by",
            "booked_at",
        )
        read_only_fields = ("reverses", "booked_by", "booked_at")


class SheetSerializer(serializers.Serializer):
    """The fee sheet as it stands: the document's amounts and what was booked since."""

    lines = StandingLineSerializer(many=True)
    total = BalancesSerializer()
    bookings = BookingSerializer(many=True)


class DayInput(InputSerializer):
    day = serializers.DateField()


_Base = desk_viewset(INTERMEDIARY)


class IntermediaryViewSet(_Base):  # type: ignore[misc, valid-type]
    """中介业务申请单 in sight; ``q`` finds by number, subject, contract, customer or initials."""

    def _shared(self, document: Any) -> dict[str, Any]:
        return {
            "document_id": document.pk,
            "actor": self.actor,
            "now": timezone.now(),
            "ip": ip_of(self.request._request),
        }

    @extend_schema(responses=SheetSerializer)
    @action(detail=True, methods=["get"])
    def sheet(self, request: Request, pk: str) -> Response:
        """Balances and bookings of the fee sheet."""
        return Response(SheetSerializer(sheet_of(self.get_object())).data)

    @extend_schema(request=BookingSerializer, responses={201: BookingSerializer})
    @action(detail=True, methods=["post"])
    def bookings(self, request: Request, pk: str) -> Response:
        """A receipt, payment or refund by finance (MED-01, MED-05, MED-08, MED-09)."""
        document = self.get_object()
        given = self.read(BookingSerializer)
        line = get_object_or_404(document.sheet, pk=given.pop("line").pk)
        made = acts.book_fee(line_id=line.pk, actor=self.actor, now=timezone.now(), **given)
        return Response(BookingSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=ReasonInput, responses={201: BookingSerializer})
    @action(
        detail=True,
        methods=["post"],
        url_path=r"bookings/(?P<booking_id>\d{1,18})/reversal",
    )
    def reversal(self, request: Request, pk: str, booking_id: str) -> Response:
        """The opposite of a wrong booking (MED-10)."""
        booking = get_object_or_404(FeeBooking, pk=booking_id, line__document=self.get_object())
        made = acts.reverse_booking(
            booking_id=booking.pk,
            actor=self.actor,
            now=timezone.now(),
            reason=self.read(ReasonInput)["reason"],
        )
        return Response(BookingSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=DayInput, responses=_Base.shapes.full)
    @action(detail=True, methods=["post"])
    def funding(self, request: Request, pk: str) -> Response:
        """已放款(资金方)."""
        document = self.own()
        day: date = self.read(DayInput)["day"]
        acts.confirm_funding(funded_on=day, **self._shared(document))
        return self.answer(document.pk)

    @extend_schema(request=DayInput, responses=_Base.shapes.full)
    @action(detail=True, methods=["post"])
    def fee(self, request: Request, pk: str) -> Response:
        """已收费, by finance."""
        document = self.get_object()
        day: date = self.read(DayInput)["day"]
        acts.confirm_fee(received_on=day, **self._shared(document))
        return self.answer(document.pk)

    @extend_schema(request=None, responses=_Base.shapes.full)
    @action(detail=True, methods=["post"])
    def settlement(self, request: Request, pk: str) -> Response:
        """已结清 (MED-02)."""
        document = self.get_object()
        acts.settle(**self._shared(document))
        return self.answer(document.pk)

    @extend_schema(request=ReasonInput, responses=_Base.shapes.full)
    @action(detail=True, methods=["post"])
    def termination(self, request: Request, pk: str) -> Response:
        """终止 (MED-02, WF-07)."""
        document = self.own()
        acts.terminate(reason=self.read(ReasonInput)["reason"], **self._shared(document))
        return self.answer(document.pk)

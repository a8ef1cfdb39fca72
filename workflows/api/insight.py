"""What a case tells its reader besides itself: how long it will take, what is new."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lending_crm.common.api import InputSerializer
from workflows.api.views import visible_case
from workflows.screens.case import load_case_page
from workflows.screens.forecast import forecast_for, forecast_words
from workflows.services.collaboration import note_reading


class ForecastSerializer(serializers.Serializer):
    """Working hours; empty fields where fewer than a handful of cases tell something."""

    middle_hours = serializers.FloatField(allow_null=True)
    low_hours = serializers.FloatField(allow_null=True, help_text="10 % of cases are faster.")
    high_hours = serializers.FloatField(allow_null=True, help_text="10 % of cases are slower.")
    cases = serializers.IntegerField()
    words = serializers.CharField()


class ChangeSerializer(serializers.Serializer):
    name = serializers.CharField(help_text="Field or table; attachments for a file.")
    label = serializers.CharField()  # type: ignore[assignment]
    old = serializers.CharField()
    new = serializers.CharField()


class NewOpinionSerializer(serializers.Serializer):
    sequence = serializers.IntegerField()
    who = serializers.CharField()
    act = serializers.CharField(source="label")
    step = serializers.CharField()
    opinion = serializers.CharField()
    at = serializers.DateTimeField()


class SinceSerializer(serializers.Serializer):
    """Empty for who has never read the case, on its page or by the POST of this address."""

    changes = ChangeSerializer(many=True)
    opinions = NewOpinionSerializer(many=True)
    supplements = serializers.IntegerField()
    events = serializers.IntegerField()


class ReadInput(InputSerializer):
    through = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=2**31 - 1,
        help_text="Sequence of the last event that was read; all of them without it.",
    )


class ForecastView(APIView):
    @extend_schema(operation_id="cases_forecast", responses=ForecastSerializer)
    def get(self, request: Request, case_id: int) -> Response:
        """How long the case will still take, with its spread, measured from finished cases."""
        left = forecast_for(visible_case(request, case_id), now=timezone.now())
        answer = {
            "middle_hours": left.middle if left else None,
            "low_hours": left.low if left else None,
            "high_hours": left.high if left else None,
            "cases": left.cases if left else 0,
            "words": forecast_words(left) if left else "",
        }
        return Response(ForecastSerializer(answer).data)


class SinceView(APIView):
    @extend_schema(operation_id="cases_since", responses=SinceSerializer)
    def get(self, request: Request, case_id: int) -> Response:
        """What is new since the caller last read the case: fields, files, opinions."""
        page = load_case_page(visible_case(request, case_id), request.user)
        return Response(SinceSerializer(page.since).data)

    @extend_schema(operation_id="cases_read", request=ReadInput, responses={204: None})
    def post(self, request: Request, case_id: int) -> Response:
        """The caller has read the case: what it shows up to now, or up to an event."""
        case = visible_case(request, case_id)
        given = ReadInput(data=request.data)
        given.is_valid(raise_exception=True)
        note_reading(
            case_id=case.pk,
            reader=request.user,
            now=timezone.now(),
            through=given.validated_data.get("through"),
        )
        return Response(status=204)

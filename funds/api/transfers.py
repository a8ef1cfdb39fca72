"""Fund transfers over HTTP: the desk's endpoints and what finance does with an approved one."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from funds.api.payments import VERSION, PaidViewSet
from funds.kinds.transfer import COMPUTED
from funds.rules import refusals
from funds.services.transfers import execute_transfer, report_failure, reverse_transfer
from lending_crm.common.api import InputSerializer


class ExecutionInput(InputSerializer):
    executed_on = serializers.DateField()
    paid_amount = serializers.DecimalField(
        max_digits=18, decimal_places=2, help_text=_("yuan that the payee received")
    )
    bank_ref = serializers.CharField(max_length=60)
    seen_version = serializers.IntegerField(**VERSION)


class OutcomeInput(InputSerializer):
    reason = serializers.CharField(max_length=200)
    seen_version = serializers.IntegerField(**VERSION)


class TransferViewSet(PaidViewSet):
    """Adds 执行, 划拨失败 and 冲销; refuses values for the computed amounts (FTR-04)."""

    def read(self, serializer: type[serializers.BaseSerializer]) -> dict[str, Any]:
        given = self.request.data
        if isinstance(given, dict):
            for name in COMPUTED:
                if name in given:
                    raise refusals.amounts_typed(name)
        return super().read(serializer)

    @extend_schema(request=ExecutionInput)
    @action(detail=True, methods=["post"])
    def execute(self, request: Request, pk: str) -> Response:
        """执行 (财务): book that the money went out."""
        return self.act(execute_transfer, ExecutionInput, key="transfer_id")

    @extend_schema(request=OutcomeInput)
    @action(detail=True, methods=["post"])
    def fail(self, request: Request, pk: str) -> Response:
        """划拨失败 (财务): the bank returned the payment; it may be executed again."""
        return self.act(report_failure, OutcomeInput, key="transfer_id")

    @extend_schema(request=OutcomeInput)
    @action(detail=True, methods=["post"])
    def reverse(self, request: Request, pk: str) -> Response:
        """冲销 (财务): take the payment back while nothing was repaid."""
        return self.act(reverse_transfer, OutcomeInput, key="transfer_id")

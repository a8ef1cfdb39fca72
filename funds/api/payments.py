"""Refunds and rebates over HTTP, and the receipt of any payment."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from documents.api.desk import DeskViewSet
from documents.rules import refuse_unless
from funds.permissions import may_book
from funds.services.payments import add_receipt
from funds.services.rebates import pay_rebate
from funds.services.relief import pay_refund
from lending_crm.common.api import InputSerializer
from staff.views.request import ip_of

VERSION = {"min_value": 1, "max_value": 2**31 - 1}


class PaymentInput(InputSerializer):
    paid_on = serializers.DateField()
    bank_ref = serializers.CharField(max_length=60)
    seen_version = serializers.IntegerField(**VERSION)


class ReceiptInput(InputSerializer):
    file = serializers.FileField(help_text=_("the bank's receipt"))


class PaidViewSet(DeskViewSet):
    """Adds 回单 to a kind that finance pays."""

    @extend_schema(request={"multipart/form-data": ReceiptInput})
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser])
    def receipt(self, request: Request, pk: str) -> Response:
        """回单 (财务): kept with the attachments of the paid document (PAY-03, ATT-02)."""
        document = self.get_object()
        refuse_unless(may_book(self.actor))
        add_receipt(
            document_id=document.pk,
            upload=self.read(ReceiptInput)["file"],
            actor=self.actor,
            now=timezone.now(),
            ip=ip_of(request._request),
        )
        return self.answer(document.pk)

    def act(self, act: Any, shape: type[serializers.BaseSerializer], *, key: str) -> Response:
        """One act of finance; ``key`` is how its service calls the document's id."""
        document = self.get_object()
        refuse_unless(may_book(self.actor))
        act(
            **{key: document.pk},
            actor=self.actor,
            now=timezone.now(),
            ip=ip_of(self.request._request),
            **self.read(shape),
        )
        return self.answer(document.pk)


class ReliefViewSet(PaidViewSet):
    """Adds 付款 of an approved refund."""

    @extend_schema(request=PaymentInput)
    @action(detail=True, methods=["post"])
    def pay(self, request: Request, pk: str) -> Response:
        """付款 (财务): the approved refund went back to the payer (INT-02, FTR-07, FTR-08)."""
        return self.act(pay_refund, PaymentInput, key="document_id")


class RebateViewSet(PaidViewSet):
    """Adds 付款 of an approved rebate."""

    @extend_schema(request=PaymentInput)
    @action(detail=True, methods=["post"])
    def pay(self, request: Request, pk: str) -> Response:
        """付款 (财务): the approved rebate went to the channel (REB-01, FTR-07, FTR-08)."""
        return self.act(pay_rebate, PaymentInput, key="document_id")

"""导入 over HTTP: upload, read what is wrong with which row, confirm."""

from __future__ import annotations

import io
from typing import Any, ClassVar, cast

from django.db.models import QuerySet
from django.http import FileResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from customers import errors
from customers.models import ImportRun
from customers.rules.imports import TARGETS, target_for
from customers.rules.permissions import may_import
from customers.services.imports import request_import, start_import, target_of, write_template
from lending_crm.common.api import InputSerializer
from lending_crm.common.api_pages import CursorPages
from staff.models import Employee
from staff.views.request import ip_of

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class NewestFirst(CursorPages):
    ordering = ("-id",)
    page_size = 20


class CustomerImportInput(InputSerializer):
    """``target`` is a customer type, ``CONTACT`` or ``OPPORTUNITY``."""

    target = serializers.ChoiceField(choices=[(code, code) for code in TARGETS])
    file = serializers.FileField(max_length=255)


class ImportFaultSerializer(serializers.Serializer):
    row = serializers.IntegerField()
    column = serializers.CharField(allow_blank=True)
    message = serializers.CharField()


class ImportEnteredSerializer(serializers.Serializer):
    row = serializers.IntegerField()
    name = serializers.CharField()
    url = serializers.CharField()


class CustomerImportRowSerializer(serializers.ModelSerializer):
    """``position`` of ``total`` rows are looked at in this pass."""

    class Meta:
        model = ImportRun
        fields: tuple[str, ...] = ("id", "target", "file_name", "state", "total", "position", "at")
        read_only_fields: tuple[str, ...] = fields


class CustomerImportSerializer(CustomerImportRowSerializer):
    faults = serializers.SerializerMethodField()
    entered = serializers.SerializerMethodField()

    class Meta(CustomerImportRowSerializer.Meta):
        fields = (*CustomerImportRowSerializer.Meta.fields, "faults", "entered")
        read_only_fields = fields

    @extend_schema(responses=ImportFaultSerializer(many=True))
    def get_faults(self, run: ImportRun) -> list[dict[str, Any]]:
        return [
            {"row": each["row"], "column": column, "message": words}
            for each in run.faulty
            for column, words in each["faults"]
        ]

    @extend_schema(responses=ImportEnteredSerializer(many=True))
    def get_entered(self, run: ImportRun) -> list[dict[str, Any]]:
        return [
            {"row": each["row"], "name": each["name"], "url": each["url"]}
            for each in run.results
            if "url" in each
        ]


class ImportViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """One's own imports: a workbook is tried first, and entered when it is confirmed."""

    queryset: ClassVar[QuerySet] = ImportRun.objects.none()
    serializer_class = CustomerImportSerializer
    pagination_class = NewestFirst
    filter_backends = ()
    lookup_value_regex = r"\d{1,18}"

    @property
    def actor(self) -> Employee:
        return cast(Employee, self.request.user)

    def get_queryset(self) -> QuerySet[ImportRun]:
        return ImportRun.objects.filter(actor=self.actor).defer("content")

    def get_serializer_class(self) -> Any:
        return CustomerImportRowSerializer if self.action == "list" else CustomerImportSerializer

    @extend_schema(
        request={"multipart/form-data": CustomerImportInput},
        responses={202: CustomerImportSerializer},
    )
    def create(self, request: Request) -> Response:
        """Have a workbook checked; ask for the import until ``state`` is ``CHECKED``.

        In the workbook of a department head or an administrator each row names the account
        manager whom it is for (CUS-37).
        """
        self._importers_only()
        read = CustomerImportInput(data=request.data)
        read.is_valid(raise_exception=True)
        upload = read.validated_data["file"]
        run = request_import(
            code=read.validated_data["target"],
            stream=upload,
            file_name=upload.name or "",
            size=upload.size or 0,
            actor=self.actor,
            now=timezone.now(),
            ip=ip_of(request._request),
        )
        return Response(CustomerImportSerializer(run).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses={202: CustomerImportSerializer})
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: str) -> Response:
        """Enter the rows that were found good; those with faults are left out."""
        run = self.get_object()
        started = start_import(run_id=run.pk, actor=self.actor, now=timezone.now())
        return Response(CustomerImportSerializer(started).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(
        parameters=[OpenApiParameter("code", str, OpenApiParameter.PATH, enum=list(TARGETS))],
        responses={(200, _XLSX): OpenApiTypes.BINARY},
    )
    @action(detail=False, methods=["get"], url_path=r"templates/(?P<code>[A-Z]{1,20})")
    def templates(self, request: Request, code: str) -> FileResponse:
        """The empty workbook with its columns; a star marks what is needed."""
        self._importers_only()
        target = target_for(target_of(code), self.actor)
        stream = io.BytesIO()
        write_template(stream, target=target)
        stream.seek(0)
        name = f"{target.title}.xlsx"
        return FileResponse(stream, as_attachment=True, filename=name, content_type=_XLSX)

    def _importers_only(self) -> None:
        if not may_import(self.actor):
            raise errors.not_an_account_manager()

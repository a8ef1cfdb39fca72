"""Migrations of running cases in the API."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from lending_crm.common.api import InputSerializer
from lending_crm.common.errors import not_found
from workflows.api.runs import AdministratorView, PagedView
from workflows.choices import Fit, MoveState
from workflows.models import FlowMigration, FlowMigrationCase
from workflows.screens.moves import StepNames, fit_counts, move_words
from workflows.services import flow_migrations


class MappingInput(InputSerializer):
    mapping = serializers.DictField(
        child=serializers.CharField(max_length=100),
        help_text="Ids of stages: old → new. Stages that are not named keep their id.",
    )


class StartInput(InputSerializer):
    reason = serializers.CharField(max_length=200)


class MigrationSerializer(serializers.ModelSerializer):
    """``counts``: cases by FITS, NEEDS_MAPPING and BLOCKED that wait, and MOVED and SKIPPED."""

    counts = serializers.SerializerMethodField()

    class Meta:
        model = FlowMigration
        fields = (
            "id", "target", "state", "is_checked", "is_started", "mapping", "reason",
            "requested_by", "requested_at", "started_by", "finished_at", "total", "seen", "counts",
        )  # fmt: skip
        read_only_fields = fields

    def get_counts(self, migration: FlowMigration) -> dict[str, int]:
        return fit_counts(migration)


class MigrationCaseSerializer(serializers.ModelSerializer):
    doc_no = serializers.CharField(source="case.doc_no", read_only=True)
    from_version = serializers.IntegerField(source="from_version.number", read_only=True)
    words = serializers.SerializerMethodField()

    class Meta:
        model = FlowMigrationCase
        fields = (
            "id", "case", "doc_no", "from_version", "place", "fit", "reason", "words", "detail",
            "state", "attempts", "moved_at",
        )  # fmt: skip
        read_only_fields = fields

    def get_words(self, row: FlowMigrationCase) -> list[str]:
        return move_words(row, self.context["names"])


class MigrationsView(AdministratorView):
    @extend_schema(
        operation_id="flow_versions_migrate", request=None, responses={202: MigrationSerializer}
    )
    def post(self, request: Request, version_id: int) -> Response:
        """Check all running cases against the published version; nothing is moved."""
        found = flow_migrations.request_migration(
            version_id=version_id, actor=request.user, now=timezone.now()
        )
        return Response(MigrationSerializer(found).data, status=202)


class MigrationView(AdministratorView):
    @extend_schema(operation_id="migrations_retrieve", responses=MigrationSerializer)
    def get(self, request: Request, migration_id: int) -> Response:
        """How far it is, and how many cases fit, need mapping, or are blocked."""
        return Response(MigrationSerializer(_migration(migration_id)).data)

    @extend_schema(
        operation_id="migrations_map", request=MappingInput, responses=MigrationSerializer
    )
    def put(self, request: Request, migration_id: int) -> Response:
        """Say at which stages cases go on; every case is checked again."""
        given = MappingInput(data=request.data)
        given.is_valid(raise_exception=True)
        return self._answer(flow_migrations.map_stages, migration_id, **given.validated_data)

    def _answer(self, service: Any, migration_id: int, **values: Any) -> Response:
        found = service(
            migration_id=migration_id, actor=self.request.user, now=timezone.now(), **values
        )
        return Response(MigrationSerializer(found).data)


class StartMigrationView(MigrationView):
    http_method_names = ["post"]

    @extend_schema(
        operation_id="migrations_start", request=StartInput, responses=MigrationSerializer
    )
    def post(self, request: Request, migration_id: int) -> Response:
        """Move the cases that fit, in the background."""
        given = StartInput(data=request.data)
        given.is_valid(raise_exception=True)
        return self._answer(flow_migrations.start_migration, migration_id, **given.validated_data)


class CancelMigrationView(MigrationView):
    http_method_names = ["post"]

    @extend_schema(operation_id="migrations_cancel", request=None, responses=MigrationSerializer)
    def post(self, request: Request, migration_id: int) -> Response:
        """Stop; cases that were moved stay moved."""
        return self._answer(flow_migrations.cancel_migration, migration_id)


class MigrationCasesView(PagedView):
    @extend_schema(
        operation_id="migrations_cases",
        parameters=[
            OpenApiParameter("fit", str, enum=Fit.values),
            OpenApiParameter("state", str, enum=MoveState.values),
            OpenApiParameter("cursor", str),
        ],
        responses=MigrationCaseSerializer(many=True),
    )
    def get(self, request: Request, migration_id: int) -> Response:
        """Every case with its answer and the reason."""
        migration = _migration(migration_id)
        rows = migration.cases.select_related("case", "from_version").defer("from_version__bpmn")
        for name, known in (("fit", Fit.values), ("state", MoveState.values)):
            if request.query_params.get(name) in known:
                rows = rows.filter(**{name: request.query_params[name]})
        return self.paged(rows, MigrationCaseSerializer, names=StepNames(migration.target_id))


def _migration(migration_id: int) -> FlowMigration:
    found = FlowMigration.objects.filter(pk=migration_id).first()
    if found is None:
        raise not_found()
    return found

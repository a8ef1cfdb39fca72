"""Cases, work items and acts as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from lending_crm.common.api import InputSerializer
from staff.api.serializers import PersonSerializer
from staff.models import Employee
from workflows.choices import TO_HANDLER
from workflows.models import Case, FlowDefinition, FlowVersion, HistoryEvent, Snapshot, WorkItem
from workflows.services.signers import POSITIONS

#: An opinion longer than its limit is refused in words by the service (WF-27).
_TEXT = {"required": False, "default": "", "allow_blank": True, "trim_whitespace": False}


class CaseSerializer(serializers.ModelSerializer):
    handler = PersonSerializer(read_only=True)
    branch = serializers.CharField(source="branch.name", read_only=True)
    department = serializers.CharField(source="department.name", read_only=True)
    flow_version = serializers.IntegerField(source="flow_version.number", read_only=True)
    risk_flags = serializers.JSONField(source="flags", read_only=True)

    class Meta:
        model = Case
        fields = (
            "id", "document_kind", "document_id", "doc_no", "subject", "party", "amount", "state",
            "round", "version", "handler", "branch", "department", "flow_version", "risk_flags",
            "supplement_count", "snapshot_number", "submitted_at", "suspended_at", "finished",
        )  # fmt: skip
        read_only_fields = fields


class StepSerializer(serializers.Serializer):
    """Where a work item stands."""

    id = serializers.IntegerField()
    node_id = serializers.CharField()
    title = serializers.SerializerMethodField()
    round = serializers.IntegerField()

    def get_title(self, stage: Any) -> str:
        return str(stage)


class WorkItemSerializer(serializers.ModelSerializer):
    """One row of an inbox; ``why_me`` where it waits for the caller."""

    step = StepSerializer(source="stage", read_only=True)
    case = CaseSerializer(read_only=True)
    assignee = PersonSerializer(read_only=True)
    on_behalf_of = PersonSerializer(
        read_only=True, help_text=_("the person away, when a standing delegation brought it")
    )
    pool_role = serializers.CharField(source="pool_role.code", read_only=True, default=None)
    why_me = serializers.CharField(read_only=True, default="")

    class Meta:
        model = WorkItem
        fields = (
            "id", "case", "step", "kind", "state", "assignee", "on_behalf_of", "pool_role",
            "claim_required", "arrived_at", "due_at", "decision", "opinion", "decided_at", "why_me",
        )  # fmt: skip
        read_only_fields = fields


class OfferSerializer(serializers.Serializer):
    """An act that is open to the reader; ``reason`` says why it cannot be used now."""

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    reason = serializers.CharField()


class WorkItemDetailSerializer(WorkItemSerializer):
    why_not_me = serializers.CharField(read_only=True)
    acts = OfferSerializer(many=True, read_only=True)

    class Meta:
        model = WorkItem
        fields = (*WorkItemSerializer.Meta.fields, "why_not_me", "acts")
        read_only_fields = fields


class EventSerializer(serializers.ModelSerializer):
    """One row of 审批历史; secret votes are shown as ``VOTED`` until the reader may see them."""

    step = serializers.CharField(source="stage_title", read_only=True)

    class Meta:
        model = HistoryEvent
        fields = (
            "sequence", "kind", "node_id", "step", "round", "actor", "actor_name",
            "on_behalf_of", "on_behalf_name", "opinion", "conditions", "data", "path",
            "document_version", "snapshot_number", "arrived_at", "at", "previous_hash", "hash",
        )  # fmt: skip
        read_only_fields = fields


class SnapshotSerializer(serializers.ModelSerializer):
    class Meta:
        model = Snapshot
        fields = ("number", "document_version", "sha256", "created_at", "content")
        read_only_fields = fields


class PreviewStepSerializer(serializers.Serializer):
    node_id = serializers.CharField()
    title = serializers.CharField()
    state = serializers.ChoiceField(
        choices=["done", "current", "ahead", "auto", "empty", "skipped"]
    )
    mode = serializers.CharField()
    people = serializers.ListField(child=serializers.CharField())
    reason = serializers.CharField()
    wave = serializers.IntegerField(
        help_text="Equal for steps that open side by side; 0 for what is skipped or past."
    )
    recused = serializers.ListField(
        child=serializers.CharField(),
        help_text="People whom the rules name and who must abstain (WF-17).",
    )
    empty_seats = serializers.ListField(
        child=serializers.CharField(),
        help_text="Seats that nobody holds; the step waits for them.",
    )
    choice = serializers.CharField(
        help_text=_("applicant or previous where somebody chooses the people, else empty")
    )
    options = PersonSerializer(many=True, help_text=_("whom the applicant may choose"))
    chosen = serializers.ListField(child=serializers.IntegerField())


class VersionSerializer(serializers.ModelSerializer):
    class Meta:
        model = FlowVersion
        fields = ("id", "number", "state", "note", "sha256", "created_at", "published_at")
        read_only_fields = fields


class FlowSerializer(serializers.ModelSerializer):
    title = serializers.SerializerMethodField()
    versions = VersionSerializer(many=True, read_only=True)

    class Meta:
        model = FlowDefinition
        fields = ("id", "code", "document_kind", "title", "versions")
        read_only_fields = fields

    @extend_schema_field(serializers.CharField)
    def get_title(self, definition: FlowDefinition) -> str:
        is_english = (get_language() or "").startswith("en")
        return definition.title_en if is_english and definition.title_en else definition.title


class FlowDetailSerializer(FlowSerializer):
    bpmn = serializers.CharField(help_text=_("BPMN 2.0 of the published version"))

    class Meta:
        model = FlowDefinition
        fields = (*FlowSerializer.Meta.fields, "bpmn")
        read_only_fields = fields


# what acts take; the idempotency key and the seen version are read by the view


class ActInput(InputSerializer):
    """Every act names the version of the case that its author had read."""

    seen_version = serializers.IntegerField(
        min_value=0,
        max_value=2**31 - 1,
        help_text="The case's `version` as it was read; after somebody else's act WF-12.",
    )

    def arguments(self) -> dict[str, Any]:
        """Keyword arguments of the service."""
        return dict(self.validated_data)


class OpinionInput(ActInput):
    opinion = serializers.CharField(**_TEXT)


def choices_field() -> serializers.DictField:
    """People chosen for stages: ``{node_id: [employee id, …]}``."""
    return serializers.DictField(
        child=serializers.ListField(
            child=serializers.IntegerField(min_value=1, max_value=2**62), max_length=50
        ),
        required=False,
        default=dict,
        help_text=_("who decides at steps whose people are chosen, by node_id"),
    )


class ApproveInput(OpinionInput):
    choices = choices_field()
    terms = serializers.DictField(
        child=serializers.CharField(max_length=40, allow_blank=True),
        required=False,
        default=dict,
        help_text=_("terms that the step may set, such as approved_amount"),
    )


class ConditionsInput(ApproveInput):
    conditions = serializers.ListField(
        child=serializers.CharField(allow_blank=True), allow_empty=True, max_length=50
    )


class CorrectInput(ActInput):
    fields_ = serializers.DictField(
        child=serializers.CharField(allow_blank=True, trim_whitespace=False, max_length=20000),
        help_text=_("new values by field name; only what the step opens to correction"),
    )

    def get_fields(self) -> dict[str, Any]:
        found = super().get_fields()
        found["fields"] = found.pop("fields_")
        return found

    def arguments(self) -> dict[str, Any]:
        found = super().arguments()
        found["values"] = found.pop("fields")
        return found


class ReturnInput(OpinionInput):
    target = serializers.CharField(
        max_length=100,
        required=False,
        default=TO_HANDLER,
        help_text=_("handler, previous, or the node_id of a step that has decided"),
    )
    resumes_directly = serializers.BooleanField(required=False, default=True)


class RecipientInput(ActInput):
    recipient = serializers.PrimaryKeyRelatedField(queryset=Employee.objects.all())
    reason = serializers.CharField(**_TEXT)


class RemoveSignersInput(ActInput):
    people = serializers.PrimaryKeyRelatedField(queryset=Employee.objects.all(), many=True)
    reason = serializers.CharField(**_TEXT)


class AddSignersInput(RemoveSignersInput):
    position = serializers.ChoiceField(
        choices=[link.value for link in POSITIONS],
        help_text=_("whether they answer before the owner, beside him, or after his approval"),
    )


class MaterialInput(ActInput):
    text = serializers.CharField(**_TEXT)
    pauses_clock = serializers.BooleanField(required=False, default=False)


class UnseenInput(InputSerializer):
    """Acts that move nothing need no version."""

    def arguments(self) -> dict[str, Any]:
        return dict(self.validated_data)


class CommentInput(UnseenInput):
    text = serializers.CharField(**_TEXT)
    mentioned = serializers.PrimaryKeyRelatedField(
        queryset=Employee.objects.all(), many=True, required=False, default=list
    )


class CopyInput(UnseenInput):
    recipients = serializers.PrimaryKeyRelatedField(queryset=Employee.objects.all(), many=True)


class CaseReasonInput(ActInput):
    reason = serializers.CharField(**_TEXT)


class JumpInput(CaseReasonInput):
    target = serializers.CharField(max_length=100, help_text=_("the node_id of a step"))


class ReassignInput(ActInput):
    stage = serializers.IntegerField(min_value=1, max_value=2**62)
    recipient = serializers.PrimaryKeyRelatedField(queryset=Employee.objects.all())
    reason = serializers.CharField(**_TEXT)

    def arguments(self) -> dict[str, Any]:
        found = super().arguments()
        found["stage_id"] = found.pop("stage")
        return found

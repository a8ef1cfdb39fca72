from workflows.models.case import Case, Stage, WorkItem
from workflows.models.collaboration import (
    CaseCopy,
    CaseReading,
    MaterialRequest,
    OpinionPhrase,
    SavedFilter,
)
from workflows.models.definition import FlowDefinition, FlowVersion
from workflows.models.history import ApprovalCondition, HistoryEvent, Snapshot

__all__ = [
    "ApprovalCondition",
    "Case",
    "CaseCopy",
    "CaseReading",
    "FlowDefinition",
    "FlowVersion",
    "HistoryEvent",
    "MaterialRequest",
    "OpinionPhrase",
    "SavedFilter",
    "Snapshot",
    "Stage",
    "WorkItem",
]

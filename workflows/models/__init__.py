from workflows.models.case import Case, Stage, WorkItem
from workflows.models.collaboration import (
    CaseCopy,
    CaseReading,
    MaterialRequest,
    OpinionPhrase,
    SavedFilter,
)
from workflows.models.definition import FlowDefinition, FlowVersion
from workflows.models.durations import StageDuration
from workflows.models.history import ApprovalCondition, HistoryEvent, Snapshot
from workflows.models.runs import FlowMigration, FlowMigrationCase, Replay, ReplayDifference
from workflows.models.timer import Timer

__all__ = [
    "ApprovalCondition",
    "Case",
    "CaseCopy",
    "CaseReading",
    "FlowDefinition",
    "FlowMigration",
    "FlowMigrationCase",
    "FlowVersion",
    "HistoryEvent",
    "MaterialRequest",
    "OpinionPhrase",
    "Replay",
    "ReplayDifference",
    "SavedFilter",
    "Snapshot",
    "Stage",
    "StageDuration",
    "Timer",
    "WorkItem",
]

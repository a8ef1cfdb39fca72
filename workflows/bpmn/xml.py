"""Routes as BPMN 2.0 files: ``write`` and ``read``."""

from workflows.bpmn.findings import BpmnRefused, Finding, Severity
from workflows.bpmn.reader import Reading, inspect, read
from workflows.bpmn.writer import write

__all__ = ["BpmnRefused", "Finding", "Reading", "Severity", "inspect", "read", "write"]

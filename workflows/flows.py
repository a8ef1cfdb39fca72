"""Which viewflow class runs the cases of a document kind."""

from __future__ import annotations

from workflows.flow import DocumentFlow

_flow_classes: dict[str, type[DocumentFlow]] = {}


def register_flow(kind_code: str, flow_class: type[DocumentFlow]) -> None:
    """Called from the ``apps.py`` of the app that owns the kind."""
    _flow_classes[kind_code] = flow_class


def flow_class_for(kind_code: str) -> type[DocumentFlow]:
    return _flow_classes[kind_code]

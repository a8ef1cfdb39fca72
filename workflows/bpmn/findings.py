"""What a reader or a publish check has to say about one element of a route."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise


class Severity(StrEnum):
    """An error keeps a version from being published, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """One sentence about one element; the sentence is shown in its reader's language.

    ``element_id`` is empty when the finding is about the whole file. ``sentence`` may be
    lazy and may hold ``%(name)s`` marks that ``params`` fill; ``%(element)s`` is the
    element's name, or its id when it has none.
    """

    code: str
    element_id: str
    element_name: str
    sentence: str | Promise
    params: Mapping[str, Any] = field(default_factory=dict)
    severity: Severity = Severity.ERROR

    @property
    def message(self) -> str:
        known = {"element": self.element_name or self.element_id, "id": self.element_id}
        return str(self.sentence) % {**known, **self.params}

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR


class BpmnRefused(Exception):
    """A file cannot become a route; ``findings`` name every reason."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings: Sequence[Finding] = tuple(findings)
        super().__init__("; ".join(finding.code for finding in self.findings))

"""What an act after the approval leaves on a document."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils import translation

from documents.kinds import routed_kind
from lending_crm.common.changes import field_values, record_changes

if TYPE_CHECKING:
    from staff.models import Employee


def write_outcome(
    *,
    document: Any,
    kept: Sequence[str],
    actor: Employee | None,
    now: datetime,
    ip: str | None,
    **values: object,
) -> None:
    """What the act leaves on the document; ``kept`` are the columns named in 修改记录."""
    model = type(document)
    with translation.override("zh-hans"):
        before = field_values(document, kept)
        model._default_manager.filter(pk=document.pk).update(**values)
        for name, value in values.items():
            setattr(document, name, value)
        after = field_values(document, kept)
    # The version moves, so that a second page opened before sees it (WF-12).
    routed_kind(document.kind).set_status(document, document.wf_status, case=None, now=now)
    record_changes(instance=document, before=before, after=after, actor=actor, now=now, ip=ip)

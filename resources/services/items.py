"""移交清单: who gets what is chosen by the handler while the handover is a draft."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from documents.kinds import routed_kind
from documents.services.guard import ensure_editable
from lending_crm.common.changes import record_changes
from resources.kinds import KIND_CODE
from resources.listing import name_receivers
from resources.models import HandoverItem, WorkHandover
from resources.rules import refusals

if TYPE_CHECKING:
    from staff.models import Employee

#: what a row of 修改记录 is about when the list was changed
_LIST = gettext_noop("handover list")


@transaction.atomic
def assign_receiver(
    *,
    handover_id: int,
    items: Collection[int],
    receiver: Employee,
    actor: Employee,
    now: datetime,
    seen_version: int | None = None,
    ip: str | None = None,
) -> int:
    """Name by hand who gets these things of the list; returns how many they are.

    What follows a customer goes along with it. Raises WF-29/WF-04/WF-05/WF-12, HND-01, HND-02.
    """
    handover = _lock(handover_id, actor, seen_version)
    if receiver.pk == handover.from_employee_id:
        raise refusals.same_person("receiver")
    if not receiver.is_active:
        raise refusals.receiver_inactive(receiver.name, field="receiver")
    rows = handover.items.filter(pk__in=items)
    count = rows.update(receiver=receiver, is_own_receiver=True, is_included=True)
    return _settle(handover, count, f"→ {receiver.name}", actor=actor, now=now, ip=ip)


@transaction.atomic
def use_settings(
    *,
    handover_id: int,
    items: Collection[int],
    actor: Employee,
    now: datetime,
    seen_version: int | None = None,
    ip: str | None = None,
) -> int:
    """Let these things go to whom the settings name; what was chosen by hand is forgotten."""
    handover = _lock(handover_id, actor, seen_version)
    count = handover.items.filter(pk__in=items).update(is_own_receiver=False)
    with translation.override("zh-hans"):
        said = _("to whom the settings name")
    return _settle(handover, count, said, actor=actor, now=now, ip=ip)


@transaction.atomic
def include_items(
    *,
    handover_id: int,
    items: Collection[int],
    is_included: bool,
    actor: Employee,
    now: datetime,
    seen_version: int | None = None,
    ip: str | None = None,
) -> int:
    """Take things into the handover, or leave them with who holds them."""
    handover = _lock(handover_id, actor, seen_version)
    count = handover.items.filter(pk__in=items).update(is_included=is_included)
    with translation.override("zh-hans"):
        said = _("taken into the list") if is_included else _("left out of the list")
    return _settle(handover, count, said, actor=actor, now=now, ip=ip)


def _lock(handover_id: int, actor: Employee, seen_version: int | None) -> WorkHandover:
    handover: WorkHandover = routed_kind(KIND_CODE).lock(handover_id)
    ensure_editable(handover, actor, seen_version=seen_version)
    return handover


def _settle(
    handover: WorkHandover,
    count: int,
    said: str,
    *,
    actor: Employee,
    now: datetime,
    ip: str | None,
) -> int:
    """Let what follows a customer follow it, and keep the change."""
    items = list(handover.items.select_related("receiver"))
    before = {item.pk: item.receiver_id for item in items}
    name_receivers(handover, items)
    moved = [item for item in items if item.receiver_id != before[item.pk]]
    HandoverItem.objects.bulk_update(moved, ["receiver"])
    handover.__dict__.pop("listed", None)
    # The version moves, so that a second page opened before sees it (WF-12).
    routed_kind(KIND_CODE).set_status(handover, handover.wf_status, case=None, now=now)
    with translation.override("zh-hans"):
        text = _("%(count)s things %(what)s") % {"count": count, "what": said}
    record_changes(instance=handover, before={}, after={_LIST: text}, actor=actor, now=now, ip=ip)
    return count

"""What an act in the history says besides its opinion: where to, whom, why by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from lending_crm.common.formats import format_moment
from workflows.choices import CaseState, EventKind, ItemLink
from workflows.kinds import TermField
from workflows.models import HistoryEvent
from workflows.screens.reasons import seat_words
from workflows.terms import shown_terms

Data = Mapping[str, Any]


def note_of(event: HistoryEvent, fields: Iterable[TermField] = ()) -> str:
    """What else is to be said of an event; ``fields`` are the terms that its case can set."""
    if event.kind in (EventKind.APPROVED, EventKind.APPROVED_WITH_CONDITIONS):
        terms = shown_terms(event.data.get("terms", {}), fields)
        return " · ".join(f"{label} {text}" for label, text in terms)
    write = _NOTES.get(event.kind)
    return write(event.data) if write else ""


def _names(names: Any) -> str:
    return pgettext("between names", ", ").join(names)


def _target(data: Data) -> str:
    """Whereto a return went; titles in the reader's language."""
    in_english = (get_language() or "").startswith("en")
    title = data.get("target_title_en", "") if in_english else ""
    return title or data.get("target_title") or _("the handler")


def _taken_back(data: Data) -> str:
    return _("the return to %(target)s") % {"target": _target(data)} if "target" in data else ""


def _returned(data: Data) -> str:
    target = _target(data)
    direct = _("straight back afterwards") if data.get("resumes_directly") else ""
    return " · ".join(part for part in (_("to %(target)s") % {"target": target}, direct) if part)


def _resubmitted(data: Data) -> str:
    if data.get("direct"):
        return _("straight back to who returned it")
    return _("over the whole chain again")


def _handed_over(data: Data) -> str:
    return _("to %(target)s") % {"target": data.get("recipient", "")}


def _moved(data: Data) -> str:
    target = data.get("recipient", "")
    if "for" in data:
        return _("to %(target)s for %(name)s") % {"target": target, "name": data["for"]}
    return _("from %(name)s to %(target)s") % {"name": data.get("from", ""), "target": target}


def _signers_added(data: Data) -> str:
    return _POSITIONS[data["position"]]() % {"names": _names(data.get("people", []))}


def _signers_removed(data: Data) -> str:
    return _("no longer asked: %(names)s") % {"names": _names(data.get("people", []))}


def _corrected(data: Data) -> str:
    return "\n".join(
        f"{change['label']}: {change['old'] or '—'} → {change['new'] or '—'}"
        for change in data.get("changes", [])
    )


def _copied(data: Data) -> str:
    return _("to %(target)s") % {"target": _names(data.get("recipients", []))}


def _auto_passed(data: Data) -> str:
    return _("same approver as before: %(name)s") % {"name": data.get("person", "")}


def _released(data: Data) -> str:
    if "person" not in data:
        return ""
    return _("%(name)s does not hold the role any more") % {"name": data["person"]}


def _blocked(data: Data) -> str:
    told = _("the administrators were told")
    seats = [seat_words(seat) for seat in data.get("vacant", [])]
    if not seats:
        return told
    return f"{_('empty seat: %(seats)s') % {'seats': _names(seats)}} · {told}"


def _unblocked(data: Data) -> str:
    # Before empty seats were kept one person was named.
    names = _names(data.get("people", [data.get("person", "")]))
    left = data.get("vacant", 0)
    if not left:
        return names
    still = ngettext("%(n)s seat is still empty", "%(n)s seats are still empty", left) % {"n": left}
    return f"{names} · {still}"


def _vote_closed(data: Data) -> str:
    said = _("%(approving)s for, %(rejecting)s against, %(voted)s of %(asked)s voted") % data
    if data.get("abstaining"):
        said += " · " + _("%(abstaining)s abstained") % data
    return said


def _told(data: Data) -> str:
    parts = [_("at %(percent)s%% of the time limit") % {"percent": data["percent"]}]
    if data.get("to"):
        said = (
            _("handed over to %(names)s")
            if data["act"] == "HAND_OVER"
            else _("%(names)s asked too")
        )
        parts.append(said % {"names": _names(data["to"])})
    if data.get("told"):
        parts.append(_("told: %(names)s") % {"names": _names(data["told"])})
    return " · ".join(parts)


def _timer_fired(data: Data) -> str:
    in_english = (get_language() or "").startswith("en")
    name = (data.get("title_en") if in_english else "") or data.get("title") or data.get("timer")
    if data.get("interrupts"):
        return _("%(timer)s: the step was closed, the route goes on") % {"timer": name}
    return _("%(timer)s: the route goes on beside the step") % {"timer": name}


def _system_step(data: Data) -> str:
    end = "_en" if (get_language() or "").startswith("en") else ""
    title = data.get(f"title{end}") or data.get("title", "")
    return " · ".join(part for part in (title, data.get(f"said{end}", "")) if part)


def _migrated(data: Data) -> str:
    return _("from version %(from)s to version %(to)s") % data


def _retimed(data: Data) -> str:
    why = _("the working calendar changed")
    if data.get("because") == "LIMIT":
        why = _("%(name)s changed the time limit") % {"name": data.get("by", "")}
    due = data.get("due_at")
    if not due:
        return why
    return _("%(why)s; now due %(due)s") % {
        "why": why,
        "due": format_moment(datetime.fromisoformat(due)),
    }


def _stepped_aside(data: Data) -> str:
    return _("%(name)s has decided in another branch already") % {"name": data["person"]}


def _jumped(data: Data) -> str:
    end = "_en" if (get_language() or "").startswith("en") else ""
    sources = [en or zh for en, zh in zip(data[f"from{end}"], data["from"], strict=True)]
    target = data[f"target_title{end}"] or data["target_title"]
    return _("from %(source)s to %(target)s, by the administration") % {
        "source": _names(sources),
        "target": target,
    }


def _by_the_administration(data: Data) -> str:
    return _("by the administration")


_POSITIONS: Mapping[str, Callable[[], str]] = {
    ItemLink.BEFORE: lambda: _("asked first: %(names)s"),
    ItemLink.BESIDE: lambda: _("asked as well: %(names)s"),
    ItemLink.AFTER: lambda: _("asked afterwards: %(names)s"),
}
_NOTES: Mapping[str, Callable[[Data], str]] = {
    EventKind.RETURNED: _returned,
    EventKind.TAKEN_BACK: _taken_back,
    EventKind.RESUBMITTED: _resubmitted,
    EventKind.TRANSFERRED: _handed_over,
    EventKind.REASSIGNED: _handed_over,
    EventKind.STOOD_IN: _moved,
    EventKind.CAME_BACK: _moved,
    EventKind.HANDED_ON: _moved,
    EventKind.HANDLER_CHANGED: _moved,
    EventKind.SIGNERS_ADDED: _signers_added,
    EventKind.SIGNERS_REMOVED: _signers_removed,
    EventKind.DELEGATED: _handed_over,
    EventKind.CORRECTED: _corrected,
    EventKind.COPIED: _copied,
    EventKind.AUTO_PASSED: _auto_passed,
    EventKind.BLOCKED: _blocked,
    EventKind.UNBLOCKED: _unblocked,
    EventKind.RELEASED: _released,
    EventKind.SUPPLEMENTED: lambda data: str(data.get("supplement", "")),
    EventKind.VOTE_CLOSED: _vote_closed,
    EventKind.RETIMED: _retimed,
    EventKind.TIMER_DROPPED: lambda data: f"{data['timer']} · {data['error']}",
    EventKind.REMINDED: _told,
    EventKind.ESCALATED: _told,
    EventKind.TIMER_FIRED: _timer_fired,
    EventKind.MIGRATED: _migrated,
    EventKind.SYSTEM_STEP: _system_step,
    EventKind.RECUSED: lambda data: str(data["person"]),
    EventKind.CONCLUDED: lambda data: str(CaseState(data["outcome"]).label),
    EventKind.STEPPED_ASIDE: _stepped_aside,
    EventKind.JUMPED: _jumped,
    EventKind.SUSPENDED: _by_the_administration,
    EventKind.RESUMED: _by_the_administration,
    EventKind.TERMINATED: _by_the_administration,
}

"""The events that people are told about, and the sentence of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from staff.models import Employee

#: of the outbox
NOTIFY_TOPIC = "notify"


@dataclass(frozen=True)
class Event:
    """One kind of message.

    ``title`` may hold ``%(actor)s %(party)s %(doc_no)s %(subject)s``. ``by_email`` says
    whether e-mail is on for people who chose nothing.
    """

    code: str
    label: str | Promise
    title: str | Promise
    by_email: bool = False


_events: dict[str, Event] = {}


def register_event(event: Event) -> None:
    """Make an event known, so that people can choose how they get it; for ``apps.py``."""
    if event.code in _events:
        raise ValueError(f"event {event.code!r} is registered twice")
    _events[event.code] = event


def all_events() -> list[Event]:
    return list(_events.values())


def event_for(code: str) -> Event | None:
    return _events.get(code)


def notice(
    event: str,
    people: Iterable[int | None],
    *,
    url: str,
    case_id: int | None = None,
    by: Employee | None = None,
    **params: Any,
) -> list[tuple[str, dict[str, Any]]]:
    """The message for ``publish_all`` that tells ``people``, by their ids, of an event.

    ``params`` are what the sentence of the event names: ``doc_no``, ``subject``, ``party``, …
    Whoever acted (``by``) is not told of his own act; nobody left to tell is no message.
    """
    own = by.pk if by else None
    told = [pk for pk in dict.fromkeys(people) if pk is not None and pk != own]
    payload = {
        "event": event,
        "recipients": told,
        "params": {"actor": by.name if by else "", **params},
        "url": url,
        "case_id": case_id,
    }
    return [(NOTIFY_TOPIC, payload)] if told else []


class _Params(dict):
    """A mark without a value shows as a dash rather than breaking the sentence."""

    def __missing__(self, key: str) -> str:
        return "—"


def title_of(code: str, params: Mapping[str, Any]) -> str:
    """The sentence in the active language; an event of a later version shows its subject."""
    event = _events.get(code)
    if event is None:
        return str(params.get("subject") or code)
    return str(event.title) % _Params({k: v for k, v in params.items() if v not in (None, "")})


def body_of(code: str, params: Mapping[str, Any]) -> str:
    """What is added below the title: the subject, and what the actor wrote."""
    lines = [str(params.get("subject") or "")]
    if params.get("opinion"):
        lines.append(gettext("Opinion: %(opinion)s") % {"opinion": params["opinion"]})
    return "\n".join(line for line in lines if line)


for _event in (
    Event(
        "work_item.arrived",
        _("A document waits for my decision"),
        _("%(actor)s submitted %(doc_no)s of %(party)s; it waits for your decision"),
        by_email=True,
    ),
    Event(
        "work_item.signer",
        _("Somebody asks me to sign too"),
        _("%(actor)s asks you to sign %(doc_no)s of %(party)s as well"),
        by_email=True,
    ),
    Event(
        "work_item.delegated",
        _("Somebody asks me to answer for him"),
        _("%(actor)s asks for your answer on %(doc_no)s of %(party)s"),
        by_email=True,
    ),
    Event(
        "work_item.came_back",
        _("A document comes back to me after others have answered"),
        _("%(doc_no)s of %(party)s is back with you; those you asked have answered"),
        by_email=True,
    ),
    Event(
        "work_item.removed",
        _("I need not answer any more"),
        _("%(actor)s does not need your answer on %(doc_no)s of %(party)s any more"),
    ),
    Event(
        "case.approved",
        _("My document was approved"),
        _("%(doc_no)s of %(party)s was approved by %(actor)s"),
        by_email=True,
    ),
    Event(
        "case.rejected",
        _("My document was rejected"),
        _("%(doc_no)s of %(party)s was rejected by %(actor)s"),
        by_email=True,
    ),
    Event(
        "case.returned",
        _("A document was returned to me"),
        _("%(actor)s returned %(doc_no)s of %(party)s"),
        by_email=True,
    ),
    Event(
        "case.taken_back",
        _("A return of my document was taken back"),
        _("%(actor)s took back the return of %(doc_no)s of %(party)s; it is under approval again"),
        by_email=True,
    ),
    Event(
        "case.withdrawn",
        _("A document was withdrawn"),
        _("%(actor)s withdrew %(doc_no)s of %(party)s"),
    ),
    Event(
        "case.copied",
        _("A document was copied to me"),
        _("%(actor)s sent you a copy of %(doc_no)s of %(party)s"),
    ),
    Event(
        "case.commented",
        _("Somebody commented on my document"),
        _("%(actor)s commented on %(doc_no)s of %(party)s"),
    ),
    Event(
        "case.mentioned",
        _("Somebody mentioned me"),
        _("%(actor)s mentioned you on %(doc_no)s of %(party)s"),
        by_email=True,
    ),
    Event(
        "case.urged",
        _("Somebody urges me to decide"),
        _("%(actor)s asks you to decide on %(doc_no)s of %(party)s soon"),
        by_email=True,
    ),
    Event(
        "case.material_requested",
        _("More material is asked of me"),
        _("%(actor)s asks for more material for %(doc_no)s of %(party)s"),
        by_email=True,
    ),
    Event(
        "case.supplemented",
        _("Material was supplemented"),
        _("%(actor)s supplemented material for %(doc_no)s of %(party)s"),
    ),
    Event(
        "export.ready",
        _("A list that I exported is ready"),
        _("The list that you exported is ready: %(subject)s rows"),
    ),
    Event(
        "delegation.given",
        _("I am asked to stand in for somebody"),
        _("%(delegate)s stands in for %(principal)s from %(starts)s until %(ends)s"),
        by_email=True,
    ),
    Event(
        "delegation.ended",
        _("A delegation was ended"),
        _("%(actor)s ended the delegation of %(principal)s to %(delegate)s"),
    ),
    Event(
        "document.handed_over",
        _("A document was handed over to me"),
        _("%(actor)s handed %(doc_no)s of %(party)s over to you"),
        by_email=True,
    ),
    Event(
        "case.corrected",
        _("An approver corrected my document"),
        _("%(actor)s corrected %(doc_no)s of %(party)s at its step"),
    ),
    Event(
        "case.blocked",
        _("A case has stopped"),
        _("%(doc_no)s has stopped: nobody can decide on its current step"),
        by_email=True,
    ),
    Event(
        "work_item.due_soon",
        _("The time of my work is running out"),
        _("%(doc_no)s of %(party)s must be decided by %(due)s"),
    ),
    Event(
        "work_item.overdue",
        _("My work is overdue"),
        _("%(doc_no)s of %(party)s is overdue; it was due on %(due)s"),
        by_email=True,
    ),
    Event(
        "work_item.escalated",
        _("Work of my people is overdue"),
        _("%(doc_no)s of %(party)s is overdue with %(holders)s; it was due on %(due)s"),
        by_email=True,
    ),
    Event(
        "case.suspended",
        _("An administrator suspended a case of mine"),
        _("%(actor)s suspended %(doc_no)s of %(party)s; nobody can act on it for now"),
    ),
    Event(
        "case.resumed",
        _("A suspended case goes on"),
        _("%(actor)s resumed %(doc_no)s of %(party)s"),
    ),
    Event(
        "case.jumped",
        _("An administrator moved a case of mine to another step"),
        _("%(actor)s moved %(doc_no)s of %(party)s to “%(step)s”"),
        by_email=True,
    ),
    Event(
        "case.terminated",
        _("An administrator terminated a case of mine"),
        _("%(actor)s terminated %(doc_no)s of %(party)s; the document is void"),
        by_email=True,
    ),
    Event(
        "case.late",
        _("A step is far overdue"),
        _("%(doc_no)s has been waiting with %(holders)s since long after %(due)s"),
    ),
):
    register_event(_event)

"""The refusals of this app; SMS-01 to SMS-03 are domain.md's, the later ones say what it asks
for without naming a code."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time
from typing import Any

from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError


def _field(code: str, sentence: Any, field: str | None, **params: Any) -> DomainError:
    return DomainError(code, sentence, status=422, field=field, params=params)


def no_consent() -> DomainError:
    return DomainError("SMS-01", _("The customer has not agreed to marketing messages."))


def quiet_hours(start: time, end: time) -> DomainError:
    return DomainError(
        "SMS-02",
        _("No collection or marketing messages now (quiet hours %(start)s–%(end)s)."),
        params={"start": f"{start:%H:%M}", "end": f"{end:%H:%M}"},
    )


def daily_limit(cap: int) -> DomainError:
    return DomainError(
        "SMS-03",
        _("The number of messages of this day has reached its limit of %(n)s."),
        params={"n": cap},
    )


def unknown_variables(names: Iterable[str], known: Iterable[str]) -> DomainError:
    return _field(
        "SMS-04",
        _("This kind of message does not have %(names)s; it has %(known)s."),
        "text",
        names=", ".join(f"{{{name}}}" for name in names),
        known=", ".join(f"{{{name}}}" for name in known),
    )


def broken_braces() -> DomainError:
    return _field("SMS-05", _("Write each variable as {name}, with both braces."), "text")


def own_text() -> DomainError:
    return DomainError(
        "SMS-06", _("Who wrote the text cannot approve it; ask another person."), status=403
    )


def no_approved_text() -> DomainError:
    return _field("SMS-07", _("Choose a template that is in use and approved."), "template")


def wrong_value(name: str, label: object, wanted: object) -> DomainError:
    return _field(
        "SMS-08",
        _("Fill in “%(label)s”: %(wanted)s."),
        name,
        label=label,
        wanted=wanted,
    )


def not_allowed() -> DomainError:
    return DomainError("SMS-09", _("Your role may not send this message here."), status=403)


def third_party() -> DomainError:
    return _field(
        "SMS-10",
        _("Collection messages go to the borrower alone, never to third parties."),
        "template",
    )


def too_long(limit: int) -> DomainError:
    return _field("SMS-11", _("The message may have %(limit)s characters."), "text", limit=limit)


def no_mobile() -> DomainError:
    return DomainError("SMS-12", _("There is no mobile number that a message could go to."))


def already_decided() -> DomainError:
    return DomainError("SMS-13", _("This text was decided on already; refresh the page."))


def wrong_setting(field: str | None, sentence: object) -> DomainError:
    return _field("SMS-14", sentence, field)


def may_not_configure() -> DomainError:
    return DomainError("SMS-15", _("Your role may not change text messages."), status=403)


def wrong_usage() -> DomainError:
    return _field("SMS-16", _("A template of this kind cannot be sent by that event."), "usage")


def usage_taken() -> DomainError:
    return _field("SMS-17", _("Another template in use is sent by that event already."), "usage")


def name_taken() -> DomainError:
    return _field("SMS-18", _("A template with this name exists."), "name")


def reason_missing() -> DomainError:
    return _field("SMS-19", _("Say in at least 5 characters why."), "note")


def wrong_signature() -> DomainError:
    return DomainError("SMS-20", _("The signature of this call is wrong or too old."), status=403)


def wrong_call() -> DomainError:
    return DomainError("SMS-21", _("This call of the gateway cannot be read."), status=400)


def draft_waits() -> DomainError:
    return DomainError(
        "SMS-22", _("A text of this template waits for its decision; decide on it first.")
    )


def no_proof() -> DomainError:
    return _field("SMS-23", _("Say where the proof of this consent lies."), "note")


def no_means() -> DomainError:
    return _field("SMS-24", _("Choose how the person said so."), "means")


def sent_already() -> DomainError:
    return DomainError("SMS-25", _("This message was sent already."))

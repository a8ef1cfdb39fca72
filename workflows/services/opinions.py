"""What people type with a decision, made safe and checked against the stage's settings."""

from __future__ import annotations

from collections.abc import Sequence

from lending_crm.common.text import clean_text
from workflows import errors

OPINION_LENGTH = 2
OPINION_LIMIT = 2000
CONDITION_LIMIT = 500
CONDITIONS_LIMIT = 20


def cleaned_opinion(text: str, *, required: bool) -> str:
    """An opinion of two characters or more (WF-06); raises WF-27 above the limit."""
    opinion = clean_text(text)
    if len(opinion) > OPINION_LIMIT:
        raise errors.too_long("opinion", OPINION_LIMIT)
    if required and len(opinion) < OPINION_LENGTH:
        raise errors.opinion_missing()
    return opinion


def cleaned_reason(text: str, length: int) -> str:
    """A reason of at least ``length`` characters (WF-07)."""
    reason = clean_text(text)
    if len(reason) > OPINION_LIMIT:
        raise errors.too_long("opinion", OPINION_LIMIT)
    if len(reason) < length:
        raise errors.reason_too_short(length)
    return reason


def cleaned_conditions(texts: Sequence[str]) -> list[str]:
    """The conditions of 有条件同意: at least one, each a line of its own."""
    conditions = [text for text in (clean_text(text) for text in texts) if text]
    if not conditions:
        raise errors.condition_missing()
    if len(conditions) > CONDITIONS_LIMIT or any(len(c) > CONDITION_LIMIT for c in conditions):
        raise errors.too_long("conditions", CONDITION_LIMIT)
    return list(dict.fromkeys(conditions))

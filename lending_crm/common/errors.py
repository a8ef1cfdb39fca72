"""The one way a business rule says no.

Every refusal carries the code of the message catalogue (for example ``WF-03``),
a translatable sentence and the HTTP status that pages and the API answer with.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """A business rule refused the act; nothing was changed.

    ``sentence`` may be lazy and may hold ``%(name)s`` marks, filled from ``params``
    when it is shown, so that each reader gets it in his own language.
    """

    def __init__(
        self,
        code: str,
        sentence: str | Promise,
        *,
        status: int = 409,
        field: str | None = None,
        params: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence
        self.status = status
        self.field = field
        self.params = params or {}

    @property
    def message(self) -> str:
        text = str(self.sentence)
        return text % self.params if self.params else text

    @property
    def reasons(self) -> Sequence[DomainError]:
        """All refusals that this error stands for; one unless several rules said no."""
        return (self,)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class Refusals(DomainError):
    """Several rules said no at once; pages and the API list every one of them.

    Code, field and status are those of the first refusal.
    """

    def __init__(self, reasons: Iterable[DomainError]) -> None:
        found = tuple(reasons)
        if not found:
            raise ValueError("Refusals needs at least one reason")
        first = found[0]
        super().__init__(
            first.code, first.sentence, status=first.status, field=first.field, params=first.params
        )
        self._reasons = found

    @property
    def reasons(self) -> Sequence[DomainError]:
        return self._reasons

    def __str__(self) -> str:
        return " ".join(f"{reason.code}: {reason.message}" for reason in self._reasons)


def refuse_all(reasons: Iterable[DomainError]) -> None:
    """Raise what was found, as one error; return quietly when nothing was found."""
    found = tuple(reasons)
    if len(found) == 1:
        raise found[0]
    if found:
        raise Refusals(found)


def not_found() -> DomainError:
    """The answer for what does not exist and for what the asker may not see alike."""
    return DomainError(
        "SYS-404", _("This record does not exist or you may not see it."), status=404
    )


def busy() -> DomainError:
    """Somebody else holds the lock longer than the bounded wait."""
    return DomainError(
        "SYS-503", _("Somebody else is working on this record right now; try again."), status=503
    )

"""Who may take a whole case out of the system."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError
from workflows.definitions import definition_of
from workflows.field_rights import hidden_from
from workflows.screens.history import secret_stages
from workflows.wholeness import sees_whole

if TYPE_CHECKING:
    from staff.models import Employee
    from workflows.models import Case


def not_whole() -> DomainError:
    return DomainError("AUD-01", _("Only who may see all of the case may export it."), status=403)


def vote_is_secret() -> DomainError:
    return DomainError("AUD-02", _("A secret vote is still open; export the case after it."))


def check_may_export(case: Case, reader: Employee) -> None:
    """Raises AUD-01 for who sees a part of the case only, AUD-02 while a vote is secret.

    ``case`` is one that the reader may see.
    """
    items = list(case.items.select_related("stage"))
    definition = definition_of(case.flow_version_id)
    if not sees_whole(case, reader) or hidden_from(reader, case, items, definition):
        raise not_whole()
    # A ballot of one's own opens the others' on the page, but an export is for anybody's eyes.
    if secret_stages(items, definition, reader_id=0):
        raise vote_is_secret()

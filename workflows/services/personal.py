"""What each person keeps for himself: filters of the inbox."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError, not_found
from lending_crm.common.text import clean_line
from staff.models import Employee
from workflows.models import SavedFilter

MOST_FILTERS = 30


@transaction.atomic
def save_filter(*, actor: Employee, name: str, query: str) -> SavedFilter:
    """Keep a filter under a name; the same name again replaces it."""
    name = clean_line(name)
    if not name:
        raise DomainError("INB-01", _("Give the filter a name."), status=422, field="name")
    if SavedFilter.objects.filter(owner=actor).exclude(name=name).count() >= MOST_FILTERS:
        raise DomainError(
            "INB-02", _("At most %(n)s filters can be kept."), params={"n": MOST_FILTERS}
        )
    found, _created = SavedFilter.objects.update_or_create(
        owner=actor, name=name, defaults={"query": query}
    )
    return found


@transaction.atomic
def remove_filter(*, actor: Employee, filter_id: int) -> None:
    deleted, _rows = SavedFilter.objects.filter(owner=actor, pk=filter_id).delete()
    if not deleted:
        raise not_found()

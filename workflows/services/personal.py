"""What each person keeps for himself: filters of the inbox and phrases for opinions."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError, not_found
from lending_crm.common.text import clean_line
from staff.models import Employee
from workflows.models import OpinionPhrase, SavedFilter

MOST_FILTERS = 30
MOST_PHRASES = 30


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


def add_phrase(*, actor: Employee, text: str) -> OpinionPhrase:
    """Keep a frequent phrase for opinions; raises INB-03 when it is kept already."""
    text = clean_line(text)
    if not text:
        raise DomainError("INB-04", _("Write the phrase first."), status=422, field="text")
    kept = OpinionPhrase.objects.filter(owner=actor).count()
    if kept >= MOST_PHRASES:
        raise DomainError(
            "INB-05", _("At most %(n)s phrases can be kept."), params={"n": MOST_PHRASES}
        )
    try:
        with transaction.atomic():
            return OpinionPhrase.objects.create(owner=actor, text=text, position=kept)
    except IntegrityError as error:
        raise DomainError("INB-03", _("This phrase is kept already.")) from error

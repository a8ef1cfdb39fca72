"""A list's filter in words, for whoever decides whether its rows may leave."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import QueryDict
from django.utils.text import capfirst

import django_filters

from lending_crm.common.exports.declarations import Words
from lending_crm.common.identity import mask_card, mask_id_no, mask_phone
from lending_crm.common.text import clean_line

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_ID_NO = re.compile(r"[0-9]{17}[0-9Xx]")
_LONGEST_ID = 18
_LONG_NUMBER = re.compile(r"[0-9]{8,}")


def filter_words(filters: type[django_filters.FilterSet], query: QueryDict, user: Any) -> Words:
    """What each given field narrows by, in the active language and the filter's order.

    A record is named only where the user may see it; a number of a person is masked (N25).
    """
    found: Words = []
    for name, each in filters.base_filters.items():
        given = clean_line(query.get(name, ""))[:100]
        if given:
            found.append((capfirst(each.label), _value(filters, each, given, user)))
    return found


def masked_words(text: str) -> str:
    """A word that was typed to search by, its numbers of persons hidden."""
    text = _ID_NO.sub(lambda match: mask_id_no(match[0]), text)
    text = _MOBILE.sub(lambda match: mask_phone(match[0]), text)
    return _LONG_NUMBER.sub(lambda match: mask_card(match[0]), text)


def names_a_person(query: str) -> bool:
    """Whether the list was searched by a whole ID or mobile number."""
    word = clean_line(QueryDict(query).get("q", ""))
    return bool(_ID_NO.search(word) or _MOBILE.search(word))


def _value(filters: Any, each: Any, given: str, user: Any) -> str:
    labels = {str(code): str(label) for code, label in each.extra.get("choices", ())}
    if given in labels:
        return labels[given]
    if isinstance(each, django_filters.NumberFilter):
        return _named(filters._meta.model, each.field_name, given, user)
    if isinstance(each, django_filters.DateFilter):
        return given
    return masked_words(given)


def _named(model: Any, path: str, given: str, user: Any) -> str:
    """The name of the record behind ``owner_id=7``, else the id as it was given."""
    target = model._meta.get_field(path.removesuffix("_id")).related_model
    if target is None or not given.isascii() or not given.isdigit() or len(given) > _LONGEST_ID:
        return given
    rows = target._default_manager.all()
    if hasattr(rows, "visible_to"):
        rows = rows.visible_to(user)
    try:
        return str(rows.get(pk=int(given)))
    except ObjectDoesNotExist:
        return given

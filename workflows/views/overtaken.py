"""What whoever lost a race, or acted on an old page, gets: the state of now with the sentence.

Nothing that he typed is lost: the dialog opens again with it, where the act is still offered; where
it is not, the words stand beside the sentence, to be copied.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lending_crm.common.errors import DomainError
from staff.models import Employee
from workflows.models import Case
from workflows.screens.acts import load_acts
from workflows.views.cases import case_context

#: statuses of refusals that the state of the case has caused, not what was sent with the act
OVERTAKEN = frozenset({403, 409})

_OF_THE_FORM = frozenset(
    {"csrfmiddlewaretoken", "seen_version", "idempotency_key", "return_to", "panel", "q"}
)
#: what people write in their own words
_WORDS = ("opinion", "reason", "text", "conditions")
#: fields whose values are employees
_PEOPLE = ("recipient", "people", "recipients", "mentioned")


def overtaken(request: HttpRequest, case: Case, action: str, refusal: DomainError) -> HttpResponse:
    """The panel that the act was sent from, as it is now, in its place."""
    typed = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in _OF_THE_FORM
    ]
    if request.POST.get("panel") == "case":
        return_to = request.POST.get("return_to", "")
        context = case_context(case, request.user, return_to) | {"is_pane": bool(return_to)}
        template, target = "workflows/_case.html", "#case-panel"
    else:
        page = load_acts(case, request.user)
        context = {"page": page, "case": case, "key": uuid4().hex, "return_to": ""}
        template, target = "workflows/_acts.html", "#case-acts"
    offered = [*context["page"].offers.acts, *context["page"].interventions]
    is_offered = any(one.code == action and not one.reason for one in offered)
    context |= {"refusal": refusal, "reasons": refusal.reasons}
    if is_offered:
        # As text of an attribute: script elements are dropped from what htmx swaps in.
        context |= {"reopened": action, "typed": json.dumps(_with_names(typed))}
    else:
        words = [value for name, value in typed if name in _WORDS and value.strip()]
        context["words"] = "\n".join(words)
    response = render(request, template, context, status=refusal.status)
    response["HX-Retarget"] = target
    response["HX-Reswap"] = "outerHTML"
    return response


def _with_names(typed: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """Each field with its value; people with their names, whom the fresh form has not found."""
    typed = list(typed)
    ids = {v for name, v in typed if name in _PEOPLE and v.isdecimal() and len(v) < 19}
    names = dict(Employee.objects.filter(pk__in=ids).values_list("pk", "name"))
    return [
        {
            "name": name,
            "value": value,
            "label": names.get(int(value), "") if name in _PEOPLE and value in ids else "",
        }
        for name, value in typed
    ]

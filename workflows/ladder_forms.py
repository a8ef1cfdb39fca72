"""When time runs out: the rungs of a stage's escalation ladder, as rows of a form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from workflows.bpmn.ladder import (
    ACT_WORDS,
    PERCENT_AT_MOST,
    RECIPIENT_WORDS,
    RUNGS_AT_MOST,
    Recipient,
    Rung,
    RungAct,
)


class RungForm(forms.Form):
    """At so much of the limit, who is told and what happens besides."""

    percent = forms.IntegerField(
        label=_("Percent of the limit"), min_value=1, max_value=PERCENT_AT_MOST
    )
    tell = forms.MultipleChoiceField(
        label=_("Tell"),
        choices=[(who.value, words) for who, words in RECIPIENT_WORDS.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    act = forms.ChoiceField(
        label=_("What happens"), choices=[(act.value, words) for act, words in ACT_WORDS.items()]
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("act") == RungAct.TELL.value and not data.get("tell"):
            self.add_error("tell", _("Choose who is told."))
        return data


class BaseLadder(forms.BaseFormSet):
    def clean(self) -> None:
        percents = [form.cleaned_data.get("percent") for form in self._kept()]
        if len(set(percents)) != len(percents):
            raise forms.ValidationError(_("Each percentage can stand there once."))

    def _kept(self) -> list[Any]:
        forms = [form for form in self.forms if getattr(form, "cleaned_data", None)]
        return [form for form in forms if not form.cleaned_data.get("DELETE")]

    def ladder(self) -> tuple[Rung, ...]:
        """The rungs from the lowest on; call it on a valid form set."""
        return tuple(
            sorted(
                Rung(
                    data["percent"],
                    frozenset(Recipient(who) for who in data["tell"]),
                    RungAct(data["act"]),
                )
                for data in (form.cleaned_data for form in self._kept())
            )
        )


LadderFormSet = forms.formset_factory(
    RungForm,
    formset=BaseLadder,
    extra=0,
    can_delete=True,
    max_num=RUNGS_AT_MOST,
    absolute_max=RUNGS_AT_MOST + 5,
    validate_max=True,
)


def ladder_forms(ladder: Iterable[Rung], data: Any) -> BaseLadder:
    """The form set of a ladder; a request that does not name one leaves it as it is."""
    initial = [
        {"percent": rung.percent, "tell": [who.value for who in rung.tell], "act": rung.act.value}
        for rung in sorted(ladder)
    ]
    is_named = data is not None and "ladder-TOTAL_FORMS" in data
    found: Any = LadderFormSet(data if is_named else None, prefix="ladder", initial=initial)
    return found  # type: ignore[no-any-return]

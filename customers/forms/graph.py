"""Which arrows a 关系图 shows; the address holds it, so it can be kept as a bookmark."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.choices import InfluenceStrength, InfluenceType


class GraphFilterForm(forms.Form):
    """What cannot be read filters nothing: a mistyped address still shows the whole graph."""

    influence_type = forms.ChoiceField(
        label=_("Influence type"),
        choices=[("", _("All influence types")), *InfluenceType.choices],
        required=False,
    )
    strength = forms.TypedChoiceField(
        label=_("Influence strength"),
        choices=[
            ("", _("Every strength")),
            (InfluenceStrength.MEDIUM, _("Medium and strong")),
            (InfluenceStrength.STRONG, _("Only strong")),
        ],
        coerce=int,
        empty_value=InfluenceStrength.WEAK,
        required=False,
    )

    @property
    def chosen(self) -> dict[str, Any]:
        """What ``relation_graph`` takes."""
        self.is_valid()
        return {
            "influence_type": self.cleaned_data.get("influence_type", ""),
            "strength": self.cleaned_data.get("strength", InfluenceStrength.WEAK),
        }

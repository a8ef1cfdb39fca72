"""What is typed in this app; the rules are the services'."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from documents.desk.forms import HeaderForm
from lending_crm.common.forms import field_of
from privacy.models import PrivacySetting
from privacy.rules.exports import open_list
from privacy.services.settings import FIELDS


class ExportRequestForm(HeaderForm):
    """The filter comes with the link of a list's export and is not typed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["list_code"]
        choice.choices = [
            (code, label)
            for code, label in choice.choices
            if not code or open_list(code, self.user)
        ]
        self.fields["query"].widget.attrs["readonly"] = True
        self.fields["query"].help_text = _(
            "As in the list's address. To choose other rows, filter the list, press Export there"
            " and follow the link to this form; empty means every row that you see."
        )
        self.fields["numbers"].help_text = _(
            "Only what the purpose needs; everything else stays masked."
        )
        self.fields["reason"].help_text = _("Say who receives the file and what happens to it.")


class HoldForm(forms.Form):
    """法律保留 of a customer, by number."""

    customer_no = forms.CharField(label=_("Customer number"), max_length=40)
    reason = forms.CharField(
        label=_("Reason of the hold"),
        max_length=200,
        help_text=_("A lawsuit, an investigation or an audit; name its number. No personal data."),
    )


class LiftForm(forms.Form):
    reason = forms.CharField(label=_("Reason of the lifting"), max_length=200)


class PrivacySettingForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    def __init__(self, *args: Any, setting: PrivacySetting, **kwargs: Any) -> None:
        initial = {name: getattr(setting, name) for name in (*FIELDS, "version")}
        super().__init__(*args, initial=initial, **kwargs)
        for name in FIELDS:
            column: Any = PrivacySetting._meta.get_field(name)
            self.fields[name] = field_of(PrivacySetting, name, required=name != "runs_daily")
            self.fields[name].help_text = column.help_text

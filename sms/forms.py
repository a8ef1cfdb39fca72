"""Forms of text messages; the services judge, the forms only read."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from sms.choices import SENT_KINDS, ConsentMeans, Usage
from sms.models import SmsSetting, SmsTemplate, TemplateVersion
from sms.rules.variables import DATE, asked_of_sender
from sms.services.settings import SETTING_FIELDS

_VERSION = {"min_value": 1, "max_value": 2**31 - 1}
_MEANS = [choice for choice in ConsentMeans.choices if choice[0] != ConsentMeans.REPLY]


def _label(model: Any, name: str) -> Any:
    return capfirst(model._meta.get_field(name).verbose_name)


def _text_field(**kwargs: Any) -> forms.CharField:
    return forms.CharField(
        label=_("Message text"), max_length=400, widget=forms.Textarea(attrs={"rows": 4}), **kwargs
    )


class DaysField(forms.CharField):
    """Whole numbers with commas between them: ``-3, -1, 0, 1, 3``."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(str(day) for day in value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[int]:
        parts = super().clean(value).replace(",", ",").replace("+", "").split(",")
        try:
            days = sorted({int(part) for part in parts if part.strip()})
        except ValueError:
            raise forms.ValidationError(_("Write days such as -3, -1, 0, 1, 3.")) from None
        if any(not -60 <= day <= 365 for day in days) or len(days) > 20:
            raise forms.ValidationError(_("At most 20 days between -60 and 365."))
        return days


class SettingForm(forms.Form):
    signature = forms.CharField(
        label=_label(SmsSetting, "signature"),
        max_length=20,
        required=False,
        help_text=_("Stands as 【…】 before every message; the gateway must have registered it."),
    )
    quiet_from = forms.TimeField(
        label=_label(SmsSetting, "quiet_from"), widget=forms.TimeInput(format="%H:%M")
    )
    quiet_until = forms.TimeField(
        label=_label(SmsSetting, "quiet_until"),
        widget=forms.TimeInput(format="%H:%M"),
        help_text=_("They may be longer than 22:00 to 08:00, never shorter."),
    )
    do_notices_wait = forms.BooleanField(
        label=_label(SmsSetting, "do_notices_wait"), required=False
    )
    notice_cap = forms.IntegerField(
        label=_label(SmsSetting, "notice_cap"), min_value=0, max_value=1000
    )
    collection_cap = forms.IntegerField(
        label=_label(SmsSetting, "collection_cap"), min_value=0, max_value=1000
    )
    marketing_cap = forms.IntegerField(
        label=_label(SmsSetting, "marketing_cap"), min_value=0, max_value=1000
    )
    birthday_cap = forms.IntegerField(
        label=_label(SmsSetting, "birthday_cap"), min_value=0, max_value=1000
    )
    due_days = DaysField(
        label=_label(SmsSetting, "due_days"),
        max_length=120,
        required=False,
        help_text=_("-3 is three days before the due date, 1 the day after."),
    )
    keep_days = forms.IntegerField(
        label=_label(SmsSetting, "keep_days"), min_value=1, max_value=32767
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, **_VERSION)

    def __init__(self, *args: Any, setting: SmsSetting, **kwargs: Any) -> None:
        kwargs["initial"] = {name: getattr(setting, name) for name in (*SETTING_FIELDS, "version")}
        super().__init__(*args, **kwargs)

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in SETTING_FIELDS}


class TemplateForm(forms.Form):
    """A template; ``text`` is there for a new one only, later texts are versions."""

    name = forms.CharField(label=_label(SmsTemplate, "name"), max_length=60)
    kind = forms.ChoiceField(label=_label(SmsTemplate, "kind"), choices=[("", "—"), *SENT_KINDS])
    usage = forms.ChoiceField(
        label=_label(SmsTemplate, "usage"),
        choices=[("", _("A person only")), *Usage.choices],
        required=False,
    )
    is_active = forms.BooleanField(
        label=_label(SmsTemplate, "is_active"), required=False, initial=True
    )
    text = _text_field()
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, **_VERSION)

    def __init__(self, *args: Any, template: SmsTemplate | None = None, **kwargs: Any) -> None:
        names = ("name", "usage", "is_active", "version")
        if template is not None:
            kwargs["initial"] = {name: getattr(template, name) for name in names}
        super().__init__(*args, **kwargs)
        if template is not None:
            del self.fields["kind"], self.fields["text"]

    @property
    def values(self) -> dict[str, Any]:
        kept = ("name", "kind", "usage", "is_active")
        return {name: self.cleaned_data[name] for name in kept if name in self.cleaned_data}


class TextForm(forms.Form):
    text = _text_field()


class RejectForm(forms.Form):
    note = forms.CharField(label=_label(TemplateVersion, "note"), max_length=200)


class SendForm(forms.Form):
    """Which template, and one field for each of its variables that a person fills in."""

    template = forms.ChoiceField(label=_("Template"))
    creation_key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, texts: Sequence[TemplateVersion], chosen: str = "", **kwargs: Any
    ) -> None:
        kwargs["initial"] = {"template": chosen, "creation_key": uuid.uuid4()}
        super().__init__(*args, **kwargs)
        groups: dict[str, list[tuple[str, str]]] = {}
        for each in texts:
            group = groups.setdefault(str(each.template.get_kind_display()), [])
            group.append((str(each.template_id), each.template.name))
        self.fields["template"].choices = [("", "—"), *groups.items()]
        by_key = {str(each.template_id): each for each in texts}
        self.chosen = by_key.get(self.data.get("template", chosen))
        self._asked = (
            asked_of_sender(self.chosen.template.kind, self.chosen.text) if self.chosen else []
        )
        for variable in self._asked:
            shared = {"label": variable.label, "help_text": variable.type.wanted}
            self.fields[variable.name] = (
                forms.DateField(**shared)
                if variable.type is DATE
                else forms.CharField(max_length=60, **shared)
            )

    @property
    def asked(self) -> list[Any]:
        return [self[variable.name] for variable in self._asked]

    @property
    def values(self) -> dict[str, Any]:
        return {variable.name: self.cleaned_data[variable.name] for variable in self._asked}


class ConsentForm(forms.Form):
    agrees = forms.TypedChoiceField(
        label=_("What the person said"),
        choices=[("yes", _("Agrees to text messages")), ("no", _("Refuses text messages"))],
        coerce=lambda value: value == "yes",
    )
    means = forms.ChoiceField(label=_("How it was said"), choices=[("", "—"), *_MEANS])
    note = forms.CharField(
        label=_("Where the proof lies"),
        max_length=200,
        help_text=_("For example: paper of 2026-03-02 in the customer's file, recording number."),
    )

"""Who takes over what from somebody who leaves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from staff.models import Employee
from staff.services.leaving import Group, Part


class HandoverForm(forms.Form):
    """A tick and a successor for each kind of things that the person holds."""

    closes_account = forms.BooleanField(label=_("Close the account afterwards"), required=False)

    def __init__(
        self, *args: Any, employee: Employee, groups: Sequence[Group], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.groups = [group for group in groups if group.holdings]
        people = list(Employee.objects.active().exclude(pk=employee.pk).order_by("employee_no"))
        choices = [(one.pk, f"{one.name} ({one.employee_no})") for one in people]
        for group in self.groups:
            code = group.source.code
            self.fields[f"move-{code}"] = forms.BooleanField(
                label=_("Move"), required=False, initial=True
            )
            self.fields[f"to-{code}"] = forms.TypedChoiceField(
                label=_("Successor"),
                required=False,
                coerce=int,
                empty_value=None,
                choices=[("", self._without(group)), *choices],
            )
        self._people = {one.pk: one for one in people}

    def _without(self, group: Group) -> Any:
        return group.source.by_rule or _("— choose —")

    def rows(self) -> Iterator[tuple[Group, Any, Any]]:
        """Each kind of things with its two fields, as the page draws them."""
        for group in self.groups:
            code = group.source.code
            yield group, self[f"move-{code}"], self[f"to-{code}"]

    def parts(self) -> list[Part]:
        data = self.cleaned_data
        return [
            Part(group.source.code, self._people.get(data[f"to-{group.source.code}"]))
            for group in self.groups
            if data[f"move-{group.source.code}"]
        ]

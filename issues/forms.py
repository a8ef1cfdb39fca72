"""What is typed for an issue besides its document; the rules are the services'."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.forms.fields import PickerField
from customers.models import Customer
from documents.desk.forms import HeaderForm
from issues.choices import Reason
from issues.models import REPORT_PARTS, IssueEscalation, IssueReport
from lending_crm.common.forms import field_of


class IssueHeaderForm(HeaderForm):
    """The customer is found by typing; loan and document are named by their numbers."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seen: Any = Customer.objects.visible_to(self.user)
        column: Any = IssueEscalation._meta.get_field("customer")
        self.fields["customer"] = PickerField(
            seen.order_by("name"),
            source="visible",
            label=column.verbose_name,
            required=False,
        )
        self.fields["loan_no"].help_text = _("Number of a loan that you see.")
        self.fields["about_no"].help_text = _("Number of a document that you see.")


class RecordForm(forms.Form):
    """答复 and 确认: the words alone."""

    text = forms.CharField(
        label=_("Record"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )


class ReasonForm(RecordForm):
    """升级 and 异议: why, and the words."""

    reason = forms.ChoiceField(label=_("Reason"), choices=Reason.choices)
    field_order = ("reason", "text")


class ReportForm(forms.Form):
    """8D 报告."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, report: IssueReport | None, **kwargs: Any) -> None:
        initial = {name: getattr(report, name) for name in REPORT_PARTS} if report else {}
        initial["version"] = report.version if report else None
        super().__init__(*args, initial=initial, **kwargs)
        for name in REPORT_PARTS:
            self.fields[name] = field_of(IssueReport, name, required=False)

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in REPORT_PARTS}

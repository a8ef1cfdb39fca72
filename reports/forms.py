"""What is typed for work reports; the rules are the services'."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lending_crm.common.forms import RecordForm, field_of, initial_of
from reports.choices import ReportType
from reports.models import ReportComment, WorkReport
from reports.selectors.work_reports import superiors_of
from reports.services.work_reports import TEXTS
from staff.forms.organisation import PersonChoice, VersionedForm
from staff.models import Employee
from staff.work_figures import figure_sources


class WorkReportForm(RecordForm):
    required_to_submit = frozenset({"work_done", "next_plan"})

    title = field_of(WorkReport, "title", required=True)
    report_type = forms.ChoiceField(label=_("Report type"), choices=ReportType.choices)
    day = forms.DateField(
        label=_("A day of the period"),
        help_text=_("The report covers the whole day, week (Monday to Sunday) or month."),
    )
    work_done = field_of(WorkReport, "work_done", required=False)
    problems = field_of(WorkReport, "problems", required=False)
    next_plan = field_of(WorkReport, "next_plan", required=False)

    def __init__(self, *args: Any, report: WorkReport | None = None, **kwargs: Any) -> None:
        initial = {**kwargs.pop("initial", {})}
        if report is None:
            initial["creation_key"] = uuid.uuid4()
        else:
            initial |= initial_of(report, ("title", "report_type", *TEXTS))
            initial |= {"day": report.starts_on, "version": report.version}
        super().__init__(*args, initial=initial, **kwargs)
        for name in TEXTS:
            self.fields[name].widget.attrs["rows"] = 5


class TableForm(VersionedForm):
    """业务对象: what the table counts; everything on offer unless something is unticked."""

    objects = forms.MultipleChoiceField(
        label=_("Business objects"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, report: WorkReport, **kwargs: Any) -> None:
        sources = figure_sources()
        chosen = [row["code"] for row in report.figures] or list(sources)
        super().__init__(*args, initial={"objects": chosen, "version": report.version}, **kwargs)
        self.fields["objects"].choices = [(one.code, one.label) for one in sources.values()]


class _People(forms.ModelMultipleChoiceField):
    label_from_instance = PersonChoice.label_from_instance


class ReceiversForm(VersionedForm):
    """加入员工; the direct superior is ticked already."""

    receivers = _People(
        label=_("Reports to"),
        queryset=Employee.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    copies = _People(
        label=_("Copy to"),
        queryset=Employee.objects.none(),
        required=False,
        help_text=_("They read the report; hold Ctrl to choose several."),
    )

    def __init__(self, *args: Any, report: WorkReport, **kwargs: Any) -> None:
        author = report.author
        initial = {"receivers": [author.superior_id], "version": report.version}
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["receivers"].queryset = superiors_of(author)
        people = Employee.objects.active().exclude(pk=author.pk).order_by("employee_no")
        self.fields["copies"].queryset = people


class CommentForm(forms.Form):
    creation_key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    content = field_of(ReportComment, "content", required=True)

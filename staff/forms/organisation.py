"""What the information administrator types; the rules themselves are the services'."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lending_crm.common.forms import PercentField
from staff.models import Branch, Department, Employee, Role
from staff.services.people_data import PersonData


class DepartmentChoice(forms.ModelChoiceField):
    """Departments named with their branch: every branch has a 业务一部."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.branch.name} · {obj.name}"


class PersonChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} ({obj.employee_no})"


def active_departments() -> Any:
    return (
        Department.objects.filter(is_active=True, branch__is_active=True)
        .select_related("branch")
        .order_by("-branch__is_head_office", "branch__code", "id")
    )


class VersionedForm(forms.Form):
    """Carries the version that was read, so that a stale tab is noticed (WF-12)."""

    version = forms.IntegerField(
        required=False, min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput
    )


class PersonForm(VersionedForm):
    name = forms.CharField(label=_("Full name"))
    employee_no = forms.CharField(label=_("Employee number"))
    username = forms.CharField(
        label=_("User name"), help_text=_("The name to log in with: letters, digits, @ . + - _")
    )
    branch = forms.ModelChoiceField(label=_("Branch"), queryset=Branch.objects.none())
    department = DepartmentChoice(
        label=_("Department"), queryset=Department.objects.none(), required=False
    )
    superior = PersonChoice(label=_("Superior"), queryset=Employee.objects.none(), required=False)
    phone = forms.CharField(label=_("Phone"), required=False)
    email = forms.CharField(label=_("E-mail"), required=False)

    def __init__(self, *args: Any, person: Employee | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        branches = Branch.objects.filter(is_active=True)
        people = Employee.objects.active()
        departments = active_departments()
        if person is not None:
            # What he has stays on offer, also when it was closed meanwhile.
            branches |= Branch.objects.filter(pk=person.branch_id)
            people = people.exclude(pk=person.pk) | Employee.objects.filter(pk=person.superior_id)
            departments |= Department.objects.filter(pk=person.department_id).select_related(
                "branch"
            )
        self.fields["branch"].queryset = branches
        self.fields["department"].queryset = departments
        self.fields["superior"].queryset = people.order_by("employee_no")

    @classmethod
    def initial_of(cls, person: Employee) -> dict[str, Any]:
        names = ("name", "employee_no", "username", "phone", "email", "version")
        return {
            **{name: getattr(person, name) for name in names},
            "branch": person.branch_id,
            "department": person.department_id,
            "superior": person.superior_id,
        }

    def data_of(self) -> PersonData:
        values = dict(self.cleaned_data)
        values.pop("version")
        return PersonData(**values)


class RoleForm(forms.Form):
    """Give one person a role."""

    role = forms.ModelChoiceField(label=_("Role"), queryset=Role.objects.all())
    branch = forms.ModelChoiceField(
        label=_("Branch"),
        queryset=Branch.objects.filter(is_active=True),
        required=False,
        help_text=_("For roles that hold in one branch."),
    )
    department = DepartmentChoice(
        label=_("Department"),
        queryset=Department.objects.none(),
        required=False,
        help_text=_("For department heads."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = active_departments()


class RoleTitleForm(forms.Form):
    title = forms.CharField(label=_("Chinese title"))
    title_en = forms.CharField(label=_("English title"))


class BranchForm(VersionedForm):
    code = forms.CharField(
        label=_("Code"),
        help_text=_("1 to 8 capital letters or digits; part of every document number."),
    )
    name = forms.CharField(label=_("Name"))
    is_head_office = forms.BooleanField(label=_("Head office"), required=False)
    hq_ratio = PercentField(
        label=_("Head office's share of each loan (%)"),
        initial=70,
        required=False,
        help_text=_("Left empty it stays as it is; a new branch starts with 70."),
    )
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)


class DepartmentForm(VersionedForm):
    name = forms.CharField(label=_("Name"))
    parent = forms.ModelChoiceField(
        label=_("Parent department"), queryset=Department.objects.none(), required=False
    )
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(
        self, *args: Any, branch: Branch, department: Department | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        parents = branch.departments.filter(is_active=True)
        if department is not None:
            parents = parents.exclude(pk=department.pk)
        self.fields["parent"].queryset = parents


class CalendarDayForm(forms.Form):
    day = forms.DateField(label=_("Day"))
    is_working = forms.TypedChoiceField(
        label=_("Kind of day"),
        choices=[("no", _("Rest day")), ("yes", _("Working day"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        initial="no",
    )
    name = forms.CharField(label=_("Name"), help_text=_("For example the name of the holiday."))

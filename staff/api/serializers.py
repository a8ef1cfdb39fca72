"""The organisation as programs read it: the directory, never logins or passwords."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from lending_crm.common.identity import mask_phone
from staff.models import Branch, Department, Employee, Notification, RoleAssignment
from staff.rules import keeps_organisation


class BranchSerializer(serializers.ModelSerializer):
    class Meta:
        model = Branch
        fields = ["id", "code", "name", "is_head_office"]


class DepartmentSerializer(serializers.ModelSerializer):
    class Meta:
        model = Department
        fields = ["id", "name"]


class HeldRoleSerializer(serializers.ModelSerializer):
    code = serializers.CharField(source="role.code")
    title = serializers.CharField(source="role")
    branch = BranchSerializer(allow_null=True)
    department = DepartmentSerializer(allow_null=True)

    class Meta:
        model = RoleAssignment
        fields = ["code", "title", "branch", "department"]


class PersonSerializer(serializers.ModelSerializer):
    class Meta:
        model = Employee
        fields = ["id", "employee_no", "name"]


class EmployeeSerializer(serializers.ModelSerializer):
    """A colleague; the phone number is masked except for oneself and the administrator."""

    branch = BranchSerializer(allow_null=True)
    department = DepartmentSerializer(allow_null=True)
    superior = PersonSerializer(allow_null=True)
    roles = HeldRoleSerializer(many=True, source="held_roles")
    phone = serializers.SerializerMethodField()

    class Meta:
        model = Employee
        fields = [
            "id",
            "employee_no",
            "name",
            "branch",
            "department",
            "superior",
            "roles",
            "phone",
            "is_active",
        ]

    def get_phone(self, person: Employee) -> str:
        user: Any = self.context["request"].user
        if person.pk == user.pk or keeps_organisation(user):
            return person.phone
        return mask_phone(person.phone) if person.phone else ""


class MeSerializer(EmployeeSerializer):
    class Meta(EmployeeSerializer.Meta):
        fields = [*EmployeeSerializer.Meta.fields, "username", "email", "language"]


class NotificationSerializer(serializers.ModelSerializer):
    title = serializers.CharField(read_only=True)
    body = serializers.CharField(read_only=True)

    class Meta:
        model = Notification
        fields = ["id", "event", "title", "body", "url", "case_id", "created_at", "read_at"]

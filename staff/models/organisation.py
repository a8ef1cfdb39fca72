"""Head office and branches, their departments, the people and the roles they hold."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

import pgtrigger

from staff.choices import DutyLine, Language, RoleScope
from staff.models import triggers
from staff.querysets import DirectoryQuerySet, EmployeeManager


class Branch(models.Model):
    """总部 or 分公司; every customer, document and loan belongs to exactly one."""

    code = models.CharField(_("code"), max_length=8, unique=True)
    name = models.CharField(_("name"), max_length=60, unique=True)
    is_head_office = models.BooleanField(_("head office"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    hq_ratio = models.DecimalField(
        _("head office's share of each loan (%)"),
        max_digits=9,
        decimal_places=4,
        default=Decimal(70),
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = DirectoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("branch")
        ordering = ["-is_head_office", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_head_office"],
                condition=models.Q(is_head_office=True),
                name="one_head_office",
            ),
            models.CheckConstraint(
                condition=models.Q(hq_ratio__gte=0, hq_ratio__lte=100), name="branch_hq_ratio"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    """部门 of one branch; a department never moves to another branch."""

    branch = models.ForeignKey(
        Branch, models.PROTECT, related_name="departments", verbose_name=_("branch")
    )
    name = models.CharField(_("name"), max_length=60)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("parent department"),
    )
    is_active = models.BooleanField(_("active"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = DirectoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("department")
        ordering = ["branch", "id"]
        constraints = [
            models.UniqueConstraint(fields=["branch", "name"], name="department_name_in_branch"),
            models.CheckConstraint(
                condition=~models.Q(parent=models.F("id")), name="department_not_own_parent"
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="branch_is_fixed", fields=["branch"]),
            triggers.department_parent(),
        ]

    def __str__(self) -> str:
        return self.name


class Employee(AbstractUser):
    """A person who works here and his login; people are never deleted, only made inactive."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    employee_no = models.CharField(_("employee number"), max_length=20, unique=True)
    name = models.CharField(_("full name"), max_length=40)
    pinyin = models.TextField(editable=False, default="")
    branch = models.ForeignKey(
        Branch, models.PROTECT, null=True, related_name="employees", verbose_name=_("branch")
    )
    department = models.ForeignKey(
        Department,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="employees",
        verbose_name=_("department"),
    )
    superior = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="subordinates",
        verbose_name=_("superior"),
    )
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    left_on = models.DateField(_("left on"), null=True, blank=True)
    language = models.CharField(
        _("language"), max_length=10, choices=Language.choices, default=Language.CHINESE
    )
    must_change_password = models.BooleanField(
        _("must change the password"), default=False, editable=False
    )
    #: Until when he has given delegations; later than now means that they have to be looked
    #: up. It stands here so that nothing has to be asked about everybody else.
    away_until = models.DateTimeField(null=True, editable=False)
    signature_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = EmployeeManager()  # type: ignore[misc]

    REQUIRED_FIELDS = ["employee_no", "name"]

    class Meta:
        verbose_name = _("employee")
        ordering = ["employee_no"]
        constraints = [
            # A login finds its person whatever the case of the letters typed.
            models.UniqueConstraint(Lower("username"), name="username_in_any_case"),
            models.CheckConstraint(
                condition=~models.Q(superior=models.F("id")), name="not_own_superior"
            ),
        ]
        triggers = [triggers.employee_department(), triggers.superior_cycle()]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class Role(models.Model):
    """A role; ``code`` is what flows and rules store, the titles may be changed at any time."""

    code = models.CharField(_("code"), max_length=12, unique=True)
    title = models.CharField(_("Chinese title"), max_length=40)
    title_en = models.CharField(_("English title"), max_length=60)
    duty_line = models.CharField(_("duty line"), max_length=16, choices=DutyLine.choices)
    scope = models.CharField(_("scope of sight"), max_length=12, choices=RoleScope.choices)

    objects = DirectoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("role")
        ordering = ["id"]
        triggers = [pgtrigger.ReadOnly(name="role_is_fixed", fields=["code", "duty_line"])]

    def __str__(self) -> str:
        return self.title_en if (get_language() or "").startswith("en") else self.title


class RoleAssignment(models.Model):
    """A person holds a role in a branch or department; empty means the whole company.

    ``duty_line`` repeats the role's own so that a database trigger can hold ORG-01; the
    trigger fills it, whatever was written.
    """

    employee = models.ForeignKey(
        Employee, models.PROTECT, related_name="role_assignments", verbose_name=_("employee")
    )
    role = models.ForeignKey(
        Role, models.PROTECT, related_name="assignments", verbose_name=_("role")
    )
    branch = models.ForeignKey(
        Branch, models.PROTECT, null=True, blank=True, verbose_name=_("branch")
    )
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, verbose_name=_("department")
    )
    duty_line = models.CharField(max_length=16, choices=DutyLine.choices, editable=False)

    class Meta:
        verbose_name = _("role assignment")
        ordering = ["role", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["employee", "role", "branch", "department"],
                nulls_distinct=False,
                name="role_held_once",
            )
        ]
        triggers = [triggers.separation_of_duties()]

    def __str__(self) -> str:
        return str(self.role)

"""委托: for a time, somebody else decides in a person's place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import BigIntegerField, Case, F, Func, Q, Value, When
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from staff.querysets import DelegationQuerySet

if TYPE_CHECKING:
    from datetime import datetime

_PERSON = settings.AUTH_USER_MODEL


class _Range(Func):
    """A range of the database's own, so that no extension is needed to compare numbers."""

    def __init__(self, function: str, *parts: Any) -> None:
        super().__init__(*parts, function=function, output_field=models.TextField())


def _only(number: Any) -> _Range:
    return _Range("int8range", number, number, Value("[]"))


#: One kind is one point; an empty kind is the whole line, which every kind lies on.
_KIND = Case(
    When(document_kind="", then=_Range("int8range", Value(None), Value(None))),
    default=_only(
        Cast(
            Func(F("document_kind"), function="hashtext", output_field=BigIntegerField()),
            BigIntegerField(),
        )
    ),
    output_field=models.TextField(),
)


class Delegation(models.Model):
    """From ``starts_at`` until before ``ends_at`` the delegate decides for the principal.

    ``document_kind`` limits it to one kind of document (empty: all), ``max_amount`` to cases
    of at most so many yuan. ``ended_at`` is set when it is ended before its time; an entry is
    never deleted. ``begun_at`` says that the open items were moved, where that was asked for.
    """

    principal = models.ForeignKey(
        _PERSON, models.PROTECT, related_name="delegations_given", verbose_name=_("person away")
    )
    delegate = models.ForeignKey(
        _PERSON, models.PROTECT, related_name="delegations_taken", verbose_name=_("delegate")
    )
    document_kind = models.CharField(_("document kind"), max_length=40, blank=True)
    max_amount = models.DecimalField(
        _("amount ceiling (yuan)"), max_digits=18, decimal_places=2, null=True
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    moves_open_items = models.BooleanField(_("moves open items"), default=False)
    note = models.CharField(_("note"), max_length=200, blank=True)
    created_by = models.ForeignKey(_PERSON, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(_PERSON, models.PROTECT, null=True, related_name="+")

    objects = DelegationQuerySet.as_manager()

    class Meta:
        verbose_name = _("delegation")
        ordering = ["-starts_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="delegation_ends_later"
            ),
            models.CheckConstraint(
                condition=~Q(principal=F("delegate")), name="delegation_to_somebody_else"
            ),
            models.CheckConstraint(
                condition=Q(max_amount=None) | Q(max_amount__gt=0), name="delegation_ceiling"
            ),
            # A case never has two delegates to choose from.
            ExclusionConstraint(
                name="one_delegate_at_a_time",
                expressions=[
                    (_only("principal_id"), RangeOperators.OVERLAPS),
                    (_KIND, RangeOperators.OVERLAPS),
                    (_Range("tstzrange", "starts_at", "ends_at"), RangeOperators.OVERLAPS),
                ],
                condition=Q(ended_at=None),
            ),
        ]
        indexes = [
            models.Index(fields=["ends_at"], name="delegation_due", condition=Q(ended_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.principal_id} → {self.delegate_id}"

    def is_in_force(self, at: datetime) -> bool:
        return self.ended_at is None and self.starts_at <= at < self.ends_at

    def state(self, at: datetime) -> str:
        """``ended``, ``ahead`` or ``running``."""
        if self.ended_at is not None or at >= self.ends_at:
            return "ended"
        return "ahead" if at < self.starts_at else "running"

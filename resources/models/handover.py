"""工作移交 (M20): what one employee holds goes to others as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from documents.models import Document
from documents.querysets import DocumentQuerySet
from documents.triggers import frozen_fields
from resources.choices import HandoverMode, HandoverReason, HandoverStatus

if TYPE_CHECKING:
    from resources.models.items import HandoverItem


def _person(label: Any, *, optional: bool = False) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=optional,
        blank=optional,
        related_name="+",
        verbose_name=label,
    )


class WorkHandover(Document):
    """A batch: settings, people and, in ``items``, each thing with its receiver.

    ``branch`` and ``department`` are those of the person who hands over, not those of who
    wrote the document. ``returns`` is the handover that this one takes back (交还).
    """

    from_employee = _person(_("handed over by"))
    to_employee = _person(_("receiver"))
    supervisor = _person(_("handover supervisor"), optional=True)
    reason = models.CharField(
        _("reason of the handover"), max_length=12, choices=HandoverReason.choices
    )
    mode = models.CharField(
        _("extent"), max_length=8, choices=HandoverMode.choices, default=HandoverMode.ALL
    )
    effective_on = models.DateField(_("effective on"))
    with_history = models.BooleanField(
        _("with finished documents"),
        default=False,
        help_text=_("The receiver owns them from then on; the handler on record stays."),
    )
    with_approvals = models.BooleanField(_("with pending approvals"), default=True)
    is_automatic = models.BooleanField(
        _("carried out by itself"),
        default=False,
        help_text=_("Once approved, on the effective day; otherwise an administrator does it."),
    )
    returns = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="returned_by",
        verbose_name=_("takes back"),
    )
    biz_status = models.CharField(
        _("business status"),
        max_length=10,
        choices=HandoverStatus.choices,
        default=HandoverStatus.PREPARING,
        editable=False,
    )
    executed_at = models.DateTimeField(_("carried out at"), null=True, editable=False)
    executor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("carried out by"),
    )

    objects = DocumentQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("work handover")
        constraints = [
            models.CheckConstraint(
                condition=~Q(from_employee=F("to_employee")), name="handover_to_another"
            ),
            models.CheckConstraint(
                condition=Q(supervisor=None)
                | ~Q(supervisor=F("from_employee")) & ~Q(supervisor=F("to_employee")),
                name="handover_supervisor_apart",
            ),
            models.CheckConstraint(
                condition=Q(biz_status=HandoverStatus.DONE, executed_at__isnull=False)
                | ~Q(biz_status=HandoverStatus.DONE) & Q(executed_at=None, executor=None),
                name="handover_done_has_time",
            ),
        ]
        triggers = [frozen_fields(free=["biz_status", "executed_at", "executor_id"])]

    def get_absolute_url(self) -> str:
        return reverse("resources:handover_detail", args=[self.pk])

    @cached_property
    def listed(self) -> Sequence[HandoverItem]:
        """What is to be handed over, in order, read once for a page."""
        chosen = self.items.filter(is_included=True)
        return list(chosen.select_related("receiver").order_by("position", "id"))

"""What finance leaves on a document that it has paid, and who must not have paid it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

import pgtrigger

#: N21 for every writer: whoever wrote or decided the document does not pay it out.
executed_by_another = pgtrigger.Trigger(
    name="executed_by_another",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("executor_id"),
    func=(
        "IF EXISTS (SELECT 1 FROM documents_document written WHERE written.id ="
        " NEW.document_ptr_id AND NEW.executor_id IN (written.creator_id, written.handler_id))"
        " OR EXISTS (SELECT 1 FROM documents_document written JOIN workflows_workitem item"
        " ON item.case_id = written.case_id WHERE written.id = NEW.document_ptr_id"
        " AND NEW.executor_id IN (item.decided_by_id, item.on_behalf_of_id)"
        " AND item.decided_by_id IS NOT NULL) THEN"
        " RAISE EXCEPTION 'FTR-08: % wrote or approved the transfer', NEW.executor_id"
        " USING ERRCODE = 'check_violation', CONSTRAINT = 'executed_by_another'; END IF;"
        " RETURN NEW;"
    ),
)


#: what the payment writes on a document whose content is decided
PAYMENT_COLUMNS = ("paid_on", "bank_ref", "executor_id")
_UNPAID = Q(paid_on=None, executor=None, bank_ref="")
_PAID = Q(paid_on__isnull=False, executor__isnull=False) & ~Q(bank_ref="")


class Payment(models.Model):
    """付款日期, 流水号 and who paid: empty until finance has paid the approved document."""

    paid_on = models.DateField(_("paid on"), null=True, editable=False)
    bank_ref = models.CharField(_("bank reference"), max_length=60, blank=True, editable=False)
    executor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("executor"),
    )

    class Meta:
        abstract = True


def paid_only_as(status: str) -> Q:
    """The payment is whole in this business status, and there is none in any other."""
    return Q(biz_status=status) & _PAID | ~Q(biz_status=status) & _UNPAID

"""贷后监管任务 as a person's holdings: supervision never stays with a leaver (HND-06)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from documents import errors
from documents.choices import WfStatus
from lending_crm.common.changes import field_values, record_changes
from postloan.choices.supervision import SupervisionStatus
from postloan.models import PostLoanSupervision
from staff.handing import Holding
from staff.models import Employee
from staff.services.guards import lock_row

if TYPE_CHECKING:
    from django.db.models import QuerySet


def count_supervised(employee: Employee) -> int:
    """Supervisions that must find another supervisor before this one leaves (HND-06)."""
    return _supervised_by(employee).count()


def _supervised_by(employee: Employee) -> QuerySet[PostLoanSupervision]:
    running = PostLoanSupervision.objects.filter(
        supervisor=employee, biz_status=SupervisionStatus.RUNNING
    )
    return running.exclude(wf_status__in=(WfStatus.VOID, WfStatus.REJECTED))


class SupervisionHoldings:
    """Running supervisions whose supervisor the person is; drafts move with the documents."""

    code = "supervisions"
    title = _("Loans this person supervises")
    by_rule = ""
    order = 30
    opens_to_keepers = False

    def holdings(self, employee: Employee, *, now: datetime) -> list[Holding]:
        return [
            Holding(
                row.pk,
                f"{row.doc_no} {row.subject}",
                row.get_wf_status_display(),
                row.get_absolute_url(),
                row.customer_id,
            )
            for row in _supervised_by(employee).order_by("pk")
        ]

    def move(
        self,
        *,
        pk: int,
        employee: Employee,
        successor: Employee | None,
        actor: Employee,
        now: datetime,
    ) -> str:
        if successor is None:
            raise errors.needs_successor()
        supervision = lock_row(PostLoanSupervision, pk)
        if supervision.supervisor_id != employee.pk:
            raise errors.not_his_any_more(employee.name)
        with translation.override("zh-hans"):
            before = field_values(supervision, ("supervisor",))
            supervision.supervisor = successor
            after = field_values(supervision, ("supervisor",))
        PostLoanSupervision.objects.filter(pk=pk).update(supervisor=successor)
        record_changes(instance=supervision, before=before, after=after, actor=actor, now=now)
        return successor.name

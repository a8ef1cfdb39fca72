"""Set-up for the tests of reconsiderations: rejected applications, filled requests, walks."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from applications.models import BusinessApplication, Reconsideration
from documents.kinds import routed_kind
from documents.models import Document
from documents.services.drafts import create_draft, update_draft
from documents.services.voiding import confirm_void, request_void
from staff.models import Employee
from tests.applications.factories import Lender, attach_paper, fresh, line
from tests.applications.test_approval import Walk, again
from tests.riskcommittee.sitting import rise, sit
from tests.staff.factories import person
from workflows.services import decisions
from workflows.services.items import claim

OPINION = "现金流不足以覆盖还款来源"
REASON = "客户已补充两份年度供货合同,还款来源有了新的保障。"
FACTS = "九月新签年度供货合同两份,合计金额六百万元,回款周期四十五天。"
KIND = "reconsideration"


def kind() -> Any:
    return routed_kind(KIND)


def reject(walk: Walk, who: Employee) -> None:
    """Said no by ``who``, at whom the case waits."""
    item = walk.item(who)
    if item.claim_required and item.assignee_id is None:
        claim(item_id=item.pk, actor=again(who), now=walk.now())
    decisions.reject(item_id=item.pk, actor=again(who), now=walk.now(), opinion=OPINION)


def rejected(lender: Lender, **values: Any) -> BusinessApplication:
    """An application that the branch risk manager rejected."""
    walk = Walk(lender, lender.draft(**values))
    walk.by(lender.people.tl)
    reject(walk, lender.people.brm)
    return fresh(walk.application)


def committee(lender: Lender) -> list[Employee]:
    """Four members and their chair."""
    here = {"branch": lender.people.hrm.branch, "department": lender.people.hrm.department}
    members = [lender.people.rc, *(person("RC", **here) for _ in range(3))]
    return [*members, person("RCC", **here)]


def rejected_by_the_president(lender: Lender) -> BusinessApplication:
    p = lender.people
    walk = Walk(lender, lender.draft(lines=[line(lender.product, amount=Decimal("12000000"))]))
    members = committee(lender)
    for who in (p.tl, p.brm, p.bgm, p.hrm):
        walk.by(who)
    session = sit(walk.case, chair=members[-1], members=members[:-1], now=walk.now())
    for who in members:
        walk.by(who)
    rise(session, now=walk.now())
    reject(walk, p.ceo)
    return fresh(walk.application)


def new(
    lender: Lender,
    origin: BusinessApplication,
    *,
    now: datetime | None = None,
    has_papers: bool = True,
    **values: Any,
) -> Reconsideration:
    """A request that lacks nothing."""
    now = now or lender.now + timedelta(hours=1)
    made = create_draft(kind=kind(), origin=origin, actor=again(lender.am), now=now)
    if has_papers:
        attach_paper(made, "NEW_MATERIAL")
    filled = {"reason": REASON, "new_facts": FACTS} | values
    return update_draft(
        kind=kind(), document_id=made.pk, actor=again(lender.am), now=now, values=filled
    )


def void_by_two(document: Document, *, asker: Employee, now: datetime) -> None:
    """Asked for by ``asker`` and confirmed by an administrator."""
    administrator = person("ADM", branch=asker.branch, department=asker.department)
    asked = request_void(
        doc_no=document.doc_no, actor=again(asker), now=now, reason="客户放弃本次借款"
    )
    confirm_void(request_id=asked.pk, actor=again(administrator), now=now)


class ReconsiderationWalk(Walk):
    """A reconsideration on its way; an hour after the application was rejected."""

    kind = KIND

    def __init__(self, lender: Lender, document: Reconsideration) -> None:
        self._start = lender.now + timedelta(hours=2)
        super().__init__(lender, document)  # type: ignore[arg-type]

    def now(self) -> datetime:
        self.minutes += 1
        return self._start + timedelta(minutes=self.minutes)

    def to_the_end(self, *people: Employee, **values: Any) -> Reconsideration:
        for who in people[:-1]:
            self.by(who)
        self.by(people[-1], **values)
        return self.document

    def rejected_by(self, who: Employee) -> Reconsideration:
        reject(self, who)
        return self.document

    @property
    def document(self) -> Reconsideration:
        return Reconsideration.objects.get(pk=self.application.pk)

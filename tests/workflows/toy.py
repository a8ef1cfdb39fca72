"""A document kind with next to no business, so that tests show the engine alone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from documents.kinds import RoutedDocumentKind
from documents.models import Document
from lending_crm.common.errors import DomainError
from workflows.act import Act
from workflows.bpmn.model import StageAction
from workflows.kinds import Authority, DocumentField, Fact, FactValue, StageDecision, TermField
from workflows.models import Case, Stage, WorkItem


class ToyConduct:
    """A session that never ends conducts each vote of a stage of this name."""

    NODE = "in_session"

    def conducts(self, stage: Stage) -> bool:
        return stage.node_id == self.NODE

    def obstacle(self, case: Case, stage: Stage) -> None:
        return None

    def check_ballot(self, act: Act, item: WorkItem, action: StageAction) -> None:
        return None


class ToyKind(RoutedDocumentKind):
    """Keeps its values as JSON in the document's remark."""

    code = "toy"
    title = "玩具单"
    model = Document
    prefix = "TY"
    facts = (
        Fact("amount", "money", "金额"),
        Fact("level", "integer", "档次"),
    )
    fields = (
        DocumentField("subject", "主题", can_hide=False, input="text"),
        DocumentField("branch", "公司"),
        DocumentField("colour", "颜色"),
        DocumentField("secret", "秘密"),
        DocumentField("remark", "备注"),
    )
    term_fields = (TermField("approved_amount", "money", "批准金额"),)
    material_fields = frozenset({"amount"})

    def __init__(self) -> None:
        self.concluded: list[tuple[str, list[dict[str, Any]], list[str]]] = []
        #: a register of related people, of every toy: employee id → reason
        self.related: dict[int, str] = {}

    def related_to(self, document: Document) -> dict[int, str]:
        return dict(self.related)

    def values(self, document: Document) -> dict[str, Any]:
        return json.loads(document.remark or "{}")

    def party(self, document: Document) -> str:
        return "北方测试公司"

    def amount(self, document: Document) -> Decimal:
        return Decimal(self.values(document).get("amount", "100.00"))

    def collect_facts(self, document: Document, *, now: datetime) -> dict[str, FactValue]:
        return {
            "amount": self.amount(document),
            "level": self.values(document).get("level", 1),
        }

    def snapshot_fields(self, document: Document) -> list[dict[str, Any]]:
        return [
            {"name": name, "label": name, "value": value, "display": str(value)}
            for name, value in sorted(self.values(document).items())
        ]

    def check_rules(self, document: Document, **_: Any) -> list[DomainError]:
        wrong = self.values(document).get("wrong", [])
        return [DomainError(code, f"{code} is wrong", status=422) for code in wrong]

    def check_terms(self, document: Document, terms: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        try:
            amount = Decimal(str(terms["approved_amount"]))
            is_too_much = amount > self.amount(document)
        except InvalidOperation:
            raise DomainError("BUS-12", "no amount", status=422, field="approved_amount") from None
        if is_too_much:
            raise DomainError("BUS-12", "too much", status=422, field="approved_amount")
        return {"approved_amount": str(amount)}

    def authority(self, document: Document, **_: Any) -> Authority:
        level = self.values(document).get("level_now", 1)
        return Authority(level, self.amount(document), {1: Decimal(500000), 2: None})

    def conclude(
        self,
        document: Document,
        outcome: str,
        *,
        decisions: Sequence[StageDecision],
        conditions: Sequence[str],
        **_: Any,
    ) -> None:
        terms = [dict(each.terms) for each in decisions if each.terms]
        self.concluded.append((outcome, terms, list(conditions)))

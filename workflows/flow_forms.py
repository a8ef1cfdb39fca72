"""The list editor's form of one node: settings, who decides, and the condition in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lending_crm.common.money import MAX_AMOUNT
from lending_crm.common.text import clean_line
from staff.choices import DutyLine
from staff.models import Employee
from workflows.access import ActionLabel
from workflows.bpmn.chain import ChainCopy, ChainNode, ChainService, ChainStage
from workflows.bpmn.conditions import AllOf, AnyOf, Comparison, Condition, Operator
from workflows.bpmn.model import (
    AssigneeRule,
    DecideMode,
    OnEmpty,
    OnHandler,
    OnSamePerson,
    StageAction,
    StageSettings,
    VoteSettings,
)
from workflows.form_fields import ShareField
from workflows.kinds import DocumentKind, Fact
from workflows.ladder_forms import ladder_forms
from workflows.rule_forms import RuleFormSet, rule_initial
from workflows.service_tasks import offered

#: decimals of a number in a condition: those of a rate in percent
DECIMALS = 6

_MODES = [
    (DecideMode.ANY.value, _("Any one of them (first decision wins)")),
    (DecideMode.ALL.value, _("All of them (countersign)")),
    (DecideMode.SEQUENCE.value, _("One after the other, in the order of the rows")),
    (DecideMode.VOTE.value, _("They vote")),
]
_EMPTY = [
    (OnEmpty.STOP.value, _("Stop and tell the administrator")),
    (OnEmpty.SUPERIOR.value, _("Go to the handler's superior")),
    (OnEmpty.PERSON.value, _("Go to a named person")),
]
_HANDLER = [
    (OnHandler.SUPERIOR.value, _("Goes to his superior")),
    (OnHandler.SKIP_IF_OTHERS.value, _("Others decide, if any remain")),
]
_SAME = [
    (OnSamePerson.NEXT_PERSON.value, _("Another holder or the next superior decides")),
    (OnSamePerson.AUTO_PASS.value, _("Passes automatically, as the system's act")),
]
_OPERATORS = [
    (Operator.GT.value, _("is greater than")),
    (Operator.GE.value, _("is at least")),
    (Operator.LT.value, _("is less than")),
    (Operator.LE.value, _("is at most")),
    (Operator.EQ.value, _("is")),
    (Operator.NE.value, _("is not")),
    (Operator.IN.value, _("is one of (commas between)")),
    (Operator.CONTAINS.value, _("contains")),
]


def handler_choices(kind: DocumentKind, chosen: str) -> list[tuple[str, Any]]:
    """What the system can do in a route of the kind; what is chosen stays, with its finding."""
    found: dict[str, Any] = dict(offered(kind))
    if chosen and chosen not in found:
        found[chosen] = chosen
    return [("", "—"), *found.items()]


class NodeForm(forms.Form):
    """A stage of the chain; a copy uses only the names, a system's step also ``handler``."""

    name = forms.CharField(label=_("Chinese title"), max_length=60)
    name_en = forms.CharField(label=_("English title"), max_length=80, required=False)
    decide = forms.ChoiceField(label=_("How they decide"), choices=_MODES)
    duty_line = forms.ChoiceField(label=_("Duty line"), choices=DutyLine.choices)
    actions = forms.MultipleChoiceField(
        label=_("Allowed actions"),
        choices=[(action.value, ActionLabel(action.value).label) for action in StageAction],
        widget=forms.CheckboxSelectMultiple,
    )
    claim_required = forms.BooleanField(label=_("Must be claimed first"), required=False)
    opinion_required = forms.BooleanField(label=_("An opinion is required"), required=False)
    reason_length = forms.IntegerField(
        label=_("Reason for a return (characters)"), min_value=1, max_value=200
    )
    reject_reason_length = forms.IntegerField(
        label=_("Reason for a rejection (characters)"), min_value=1, max_value=200
    )
    limit_hours = forms.DecimalField(
        label=_("Time limit (working hours)"), min_value=Decimal("0.5"), max_value=2000,
        max_digits=6, decimal_places=1, required=False,
    )  # fmt: skip
    authority_level = forms.IntegerField(
        label=_("May finally approve up to authority level"), min_value=1, max_value=20,
        required=False,
    )  # fmt: skip
    term_fields = forms.MultipleChoiceField(
        label=_("Terms the approver may set"), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    hidden_names = forms.MultipleChoiceField(
        label=_("Hidden fields"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Who is asked here sees them nowhere, also not in print or by the API."),
    )  # fmt: skip
    editable_fields = forms.MultipleChoiceField(
        label=_("Fields the approver may correct"), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    attachment_required = forms.BooleanField(label=_("An attachment is required"), required=False)
    signature_required = forms.BooleanField(label=_("A signature is required"), required=False)
    on_empty = forms.ChoiceField(label=_("If nobody is found"), choices=_EMPTY)
    empty_person = forms.ModelChoiceField(
        label=_("Named person"), queryset=Employee.objects.none(), required=False
    )
    on_handler = forms.ChoiceField(label=_("If the handler is the approver"), choices=_HANDLER)
    on_same_person = forms.ChoiceField(
        label=_("If the same person decided in this round"), choices=_SAME
    )
    quorum = ShareField(label=_("Quorum (share of the members)"), max_length=12, required=True)
    pass_ratio = ShareField(label=_("Passes with (share of those present)"), max_length=12)
    is_secret = forms.BooleanField(label=_("Secret until one has voted"), required=False)
    joint = forms.ChoiceField(
        label=_("Only when"), choices=[("all", _("all of these hold")), ("any", _("any holds"))]
    )
    handler = forms.ChoiceField(label=_("What the system does"), required=False)

    def __init__(self, *args: Any, kind: DocumentKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        handlers = handler_choices(kind, self.initial.get("handler", ""))
        self.fields["handler"].choices = handlers  # type: ignore[attr-defined]
        self.fields["term_fields"].choices = [(t.name, t.label) for t in kind.term_fields]  # type: ignore[attr-defined]
        for name, fields in (
            ("hidden_names", [f for f in kind.fields if f.can_hide]),
            ("editable_fields", [f for f in kind.fields if f.input]),
        ):
            labels = {f.name: f.label for f in fields}
            # A name that the kind does not know stays, with its finding, until somebody unticks it.
            labels |= {kept: kept for kept in self.initial.get(name, ()) if kept not in labels}
            self.fields[name].choices = list(labels.items())  # type: ignore[attr-defined]
        self.fields["empty_person"].queryset = Employee.objects.active()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in ("name", "name_en"):
            data[name] = clean_line(data.get(name) or "")
        if data.get("on_empty") == OnEmpty.PERSON.value and not data.get("empty_person"):
            self.add_error("empty_person", _("Choose the person."))
        return data


class ConditionForm(forms.Form):
    """field – operator – value; the value is typed by the fact."""

    fact = forms.ChoiceField(label=_("Fact"))
    operator = forms.ChoiceField(label=_("Comparison"), choices=_OPERATORS)
    value = forms.CharField(label=_("Value"), max_length=200)

    def __init__(self, *args: Any, kind: DocumentKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.fields["fact"].choices = [(f.name, f.label) for f in kind.condition_facts]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        fact = next((f for f in self.kind.condition_facts if f.name == data.get("fact")), None)
        if fact is None or "value" not in data or "operator" not in data:
            return data
        operator = Operator(data["operator"])
        text = clean_line(data["value"])
        if operator == Operator.IN:
            parts = [part.strip() for part in text.replace(",", ",").split(",")]
            data["typed"] = tuple(str(self._typed(fact, part)) for part in parts if part)
        else:
            data["typed"] = self._typed(fact, text)
        return data

    def _typed(self, fact: Fact, text: str) -> Any:
        try:
            match fact.type:
                case "money" | "number":
                    return _within(Decimal(text.replace(",", "")))
                case "integer":
                    return int(_within(Decimal(int(text))))
                case "date":
                    return date.fromisoformat(text)
                case "boolean":
                    return _boolean(text)
                case "choice" | "choices":
                    return _choice(fact, text)
        except (ValueError, InvalidOperation):
            self.add_error("value", _("This value does not fit the fact."))
            return None
        return text

    def comparison(self) -> Comparison:
        data = self.cleaned_data
        return Comparison(data["fact"], Operator(data["operator"]), data["typed"])


def _within(value: Decimal) -> Decimal:
    """A number that a case can have; more digits could not be read back from the route."""
    if not value.is_finite() or abs(value) > MAX_AMOUNT or value != round(value, DECIMALS):
        raise ValueError(value)
    return value


def _boolean(text: str) -> bool:
    words = {"true": True, "yes": True, "是": True, "1": True, "false": False, "no": False}
    words |= {"否": False, "0": False}
    if text.lower() not in words:
        raise ValueError(text)
    return words[text.lower()]


def _choice(fact: Fact, text: str) -> str:
    """A stored value, given as itself or by its label."""
    for value, label in fact.choices() if fact.choices else ():
        if text in (str(value), str(label)):
            return str(value)
    raise ValueError(text)


ConditionFormSet = forms.formset_factory(
    ConditionForm, extra=0, can_delete=True, max_num=10, absolute_max=20, validate_max=True
)


class NodeEditor:
    """The three forms of one node, bound together.

    The designer draws a node's condition on the flow that leads to it; there the node comes
    without (``has_condition``).
    """

    def __init__(
        self, node: ChainNode, kind: DocumentKind, data: Any = None, *, has_condition: bool = True
    ) -> None:
        self.node = node
        self.has_condition = has_condition
        settings = node.settings if isinstance(node, ChainStage) else StageSettings()
        rules = node.assignees if isinstance(node, ChainCopy) else settings.assignees
        condition = flat(node.condition)
        self.is_stage = isinstance(node, ChainStage)
        self.is_service = isinstance(node, ChainService)
        #: a nested condition is shown in words and kept as it is
        self.keeps_condition = node.condition is not None and condition is None
        joint, rows = condition or ("all", [])
        self.form = NodeForm(
            data, kind=kind, initial={**_initial(node, settings), "joint": joint}, prefix="node"
        )
        fields = self.form.fields
        own = {"handler"} if self.is_service else set()
        if self.is_stage:
            own = set(fields) - {"handler"}
        for name in set(fields) - own - {"name", "name_en", "joint"}:
            del fields[name]
        if not has_condition:
            del self.form.fields["joint"]
        self.rules = RuleFormSet(
            data, prefix="rules", form_kwargs={"kind": kind},
            initial=[rule_initial(r) for r in rules],
        )  # fmt: skip
        self.ladder = ladder_forms(settings.ladder, data)
        self.conditions = ConditionFormSet(
            data, prefix="conditions", form_kwargs={"kind": kind},
            initial=[comparison_initial(c) for c in rows],
        )  # fmt: skip

    def is_valid(self) -> bool:
        forms: list[Any] = [self.form, *(() if self.is_service else (self.rules,))]
        if self.ladder.is_bound and self.is_stage:
            forms.append(self.ladder)
        if self.has_condition:
            forms.append(self.conditions)
        return not [form for form in forms if not form.is_valid()]

    def changed(self) -> ChainNode:
        """The node as it was typed; call it on valid forms."""
        data = self.form.cleaned_data
        condition = self.node.condition
        if self.has_condition and not self.keeps_condition:
            rows = tuple(f.comparison() for f in kept(self.conditions))
            condition = joined(rows, data["joint"])
        names = {"name": data["name"], "name_en": data["name_en"], "condition": condition}
        if isinstance(self.node, ChainService):
            return replace(self.node, handler=data["handler"], **names)
        rules = tuple(f.rule() for f in kept(self.rules))
        if isinstance(self.node, ChainCopy):
            return replace(self.node, assignees=rules, **names)
        return replace(self.node, settings=self._settings(data, rules), **names)

    def _settings(self, data: dict[str, Any], rules: tuple[AssigneeRule, ...]) -> StageSettings:
        assert isinstance(self.node, ChainStage)  # noqa: S101 - copies have no settings
        return replace(
            self.node.settings,
            assignees=rules,
            decide=DecideMode(data["decide"]),
            vote=VoteSettings(data["quorum"], data["pass_ratio"], data["is_secret"]),
            duty_line=data["duty_line"],
            actions=frozenset(StageAction(action) for action in data["actions"]),
            claim_required=data["claim_required"],
            opinion_required=data["opinion_required"],
            reason_length=data["reason_length"],
            reject_reason_length=data["reject_reason_length"],
            limit_hours=data["limit_hours"],
            ladder=self.ladder.ladder() if self.ladder.is_bound else self.node.settings.ladder,
            authority_level=data["authority_level"],
            term_fields=tuple(data["term_fields"]),
            hidden_fields=tuple(data["hidden_names"]),
            editable_fields=tuple(data["editable_fields"]),
            attachment_required=data["attachment_required"],
            signature_required=data["signature_required"],
            on_empty=OnEmpty(data["on_empty"]),
            empty_person=data["empty_person"].pk if data["empty_person"] else None,
            on_handler=OnHandler(data["on_handler"]),
            on_same_person=OnSamePerson(data["on_same_person"]),
        )


def flat(condition: Condition | None) -> tuple[str, list[Comparison]] | None:
    """The condition as one list of comparisons; None when it is nested."""
    if condition is None:
        return ("all", [])
    if isinstance(condition, Comparison):
        return ("all", [condition])
    rows = [item for item in condition.items if isinstance(item, Comparison)]
    if len(rows) != len(condition.items):
        return None
    return ("any" if isinstance(condition, AnyOf) else "all", rows)


def joined(rows: tuple[Comparison, ...], joint: str) -> Condition | None:
    """The typed comparisons as one condition; None when there is none."""
    if len(rows) < 2:
        return rows[0] if rows else None
    return AnyOf(rows) if joint == "any" else AllOf(rows)


def kept(formset: Any) -> Sequence[Any]:
    """The rows that were filled in and not removed."""
    return [f for f in formset.forms if f.cleaned_data and not f.cleaned_data.get("DELETE")]


def _initial(node: ChainNode, settings: StageSettings) -> dict[str, Any]:
    return {
        "name": node.name,
        "name_en": node.name_en,
        "handler": getattr(node, "handler", ""),
        "decide": settings.decide.value,
        "duty_line": settings.duty_line,
        "actions": [action.value for action in settings.actions],
        "claim_required": settings.claim_required,
        "opinion_required": settings.opinion_required,
        "reason_length": settings.reason_length,
        "reject_reason_length": settings.reject_reason_length,
        "limit_hours": settings.limit_hours,
        "authority_level": settings.authority_level,
        "term_fields": list(settings.term_fields),
        "hidden_names": list(settings.hidden_fields),
        "editable_fields": list(settings.editable_fields),
        "attachment_required": settings.attachment_required,
        "signature_required": settings.signature_required,
        "on_empty": settings.on_empty.value,
        "empty_person": settings.empty_person,
        "on_handler": settings.on_handler.value,
        "on_same_person": settings.on_same_person.value,
        "quorum": str(settings.vote.quorum),
        "pass_ratio": str(settings.vote.pass_ratio),
        "is_secret": settings.vote.is_secret,
    }


def comparison_initial(comparison: Comparison) -> dict[str, Any]:
    value = comparison.value
    text = ", ".join(value) if isinstance(value, tuple) else str(value)
    return {"fact": comparison.fact, "operator": comparison.operator.value, "value": text}

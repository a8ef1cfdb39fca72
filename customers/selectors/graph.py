"""关系图: who influences whom around a customer, and where that leads to other customers (M3)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q
from django.utils.translation import gettext as _

from customers.choices import ContactType, InfluenceStrength
from customers.models import Contact, Customer, InfluenceRelation
from customers.querysets import visible_customers
from customers.rules.graph import Arrow, Box, arrows, frame_of, place
from customers.selectors.hints import Hints, key_of, risk_hints
from staff.models import Employee

COMPANY = "COMPANY"
#: the order around the centre
_ORDER = (ContactType.MAIN, ContactType.FAMILY, ContactType.SHAREHOLDER, ContactType.MANAGER)


@dataclass(frozen=True)
class Node:
    """``kind`` is the contact type, or COMPANY for a customer that is only hinted at."""

    key: str
    kind: str
    name: str
    type_label: str
    customer: str
    url: str
    is_own: bool
    is_centre: bool
    x: float
    y: float


@dataclass(frozen=True)
class Line:
    """An arrow of influence, or (``strength`` 0) a hint; dashed when it crosses customers."""

    source: Node
    target: Node
    label: str
    strength: int
    strength_label: str
    note: str
    is_dashed: bool
    arrow: Arrow

    @property
    def is_hint(self) -> bool:
        return not self.strength


@dataclass(frozen=True)
class RelationGraph:
    customer: Customer
    centre: Contact | None
    nodes: list[Node]
    lines: list[Line]
    hints: Hints
    box: Box

    @property
    def influences(self) -> list[Line]:
        return [line for line in self.lines if not line.is_hint]

    @property
    def kinds(self) -> list[tuple[str, str]]:
        """The types of node that occur, for the legend."""
        return list({node.kind: node.type_label for node in self.nodes}.items())

    @property
    def has_crossing(self) -> bool:
        return any(line.is_dashed for line in self.lines)

    @property
    def for_browser(self) -> str:
        """Nodes and lines as JSON for the drawing in the browser."""
        return json.dumps(
            {
                "nodes": [
                    {
                        "id": node.key, "kind": node.kind, "label": _words(node),
                        "url": node.url, "x": node.x, "y": node.y, "centre": node.is_centre,
                    }
                    for node in self.nodes
                ],
                "lines": [
                    {
                        "source": line.source.key, "target": line.target.key,
                        "label": line.label, "strength": line.strength, "dashed": line.is_dashed,
                    }
                    for line in self.lines
                ],
            },
            cls=DjangoJSONEncoder,
            ensure_ascii=False,
        )  # fmt: skip


def _words(node: Node) -> str:
    """What stands under a node; people of other customers are told apart by their company."""
    lines = [node.name, node.type_label]
    if not node.is_own and node.kind != COMPANY:
        lines.append(node.customer)
    return "\n".join(lines)


def relation_graph(
    user: Employee,
    customer: Customer,
    *,
    centre: Contact | None = None,
    influence_type: str = "",
    strength: int = InfluenceStrength.WEAK,
) -> RelationGraph:
    """The graph as ``user``, who sees the customer, may see it: five statements at most.

    In the centre stands ``centre``, else the main contact. ``influence_type`` and the least
    ``strength`` choose arrows; hints are never filtered away.
    """
    contacts = list(Contact.objects.filter(customer=customer).order_by("id"))
    for contact in contacts:
        contact.customer = customer
    relations = _relations(customer, contacts)
    crossing = [r for r in relations if r.from_contact.customer_id != r.to_contact.customer_id]
    hints = risk_hints(user, customer, contacts, crossing)
    hidden = _out_of_sight(user, customer, crossing, hints)
    shown = [
        relation
        for relation in relations
        if relation.pk not in hidden
        and relation.strength >= strength
        and influence_type in ("", relation.influence_type)
    ]
    if centre is None:
        centre = next((contact for contact in contacts if contact.is_main), None)
    return _drawn(customer, centre, contacts, shown, hints)


def _relations(customer: Customer, contacts: list[Contact]) -> list[InfluenceRelation]:
    by_id = {contact.pk: contact for contact in contacts}
    relations = list(
        InfluenceRelation.objects.filter(
            Q(from_contact__customer=customer) | Q(to_contact__customer=customer)
        )
        .select_related("from_contact__customer", "to_contact__customer")
        .order_by("-strength", "id")
    )
    for relation in relations:
        relation.from_contact = by_id.get(relation.from_contact_id, relation.from_contact)
        relation.to_contact = by_id.get(relation.to_contact_id, relation.to_contact)
    return relations


def _out_of_sight(
    user: Employee, customer: Customer, crossing: list[InfluenceRelation], hints: Hints
) -> set[int]:
    """Arrows whose other end belongs to a customer that the reader may not see."""
    if visible_customers(user) is None:
        return set()
    seen = {customer.pk, *(hint.other_customer.pk for hint in hints.shown)}
    return {
        relation.pk
        for relation in crossing
        if not {relation.from_contact.customer_id, relation.to_contact.customer_id} <= seen
    }


@dataclass(frozen=True)
class _Tie:
    """A line before it has a place."""

    start: Contact | Customer
    end: Contact | Customer
    label: str
    strength: int = 0
    strength_label: str = ""
    note: str = ""
    is_dashed: bool = True


def _drawn(
    customer: Customer,
    centre: Contact | None,
    contacts: list[Contact],
    relations: list[InfluenceRelation],
    hints: Hints,
) -> RelationGraph:
    borrower = next((contact for contact in contacts if contact.is_main), None)
    ties = [*_influence_ties(relations), *_hint_ties(hints, relations, borrower)]
    ordered = sorted(
        contacts, key=lambda contact: (_ORDER.index(ContactType(contact.contact_type)), contact.pk)
    )
    own: list[Contact | Customer] = [*ordered]
    inner = [record for record in own if centre is None or key_of(record) != key_of(centre)]
    ends = {key_of(record): record for tie in ties for record in (tie.start, tie.end)}
    known = {key_of(record) for record in own}
    outer = [record for key, record in ends.items() if key not in known]
    pairs = [(key_of(tie.start), key_of(tie.end)) for tie in ties]
    heart = centre or (customer if key_of(customer) in ends else None)
    middle = None if heart is None else key_of(heart)
    places = place(
        middle,
        [key_of(record) for record in inner],
        [key_of(record) for record in outer if key_of(record) != middle],
        pairs,
    )
    nodes = {key_of(record): _node(record, customer, middle, places) for record in [*own, *outer]}
    lines = [
        Line(
            nodes[pair[0]], nodes[pair[1]], tie.label, tie.strength, tie.strength_label,
            tie.note, tie.is_dashed, arrow,
        )
        for tie, pair, arrow in zip(ties, pairs, arrows(pairs, places), strict=True)
    ]  # fmt: skip
    return RelationGraph(customer, centre, list(nodes.values()), lines, hints, frame_of(places))


def _influence_ties(relations: Iterable[InfluenceRelation]) -> list[_Tie]:
    return [
        _Tie(
            relation.from_contact,
            relation.to_contact,
            relation.get_influence_type_display(),
            relation.strength,
            relation.get_strength_display(),
            relation.note,
            is_dashed=relation.from_contact.customer_id != relation.to_contact.customer_id,
        )
        for relation in relations
    ]


def _hint_ties(
    hints: Hints, relations: Iterable[InfluenceRelation], borrower: Contact | None
) -> list[_Tie]:
    """What is drawn as an arrow already is not drawn again; a customer stands for its borrower."""
    arrows_drawn = {frozenset((key_of(r.from_contact), key_of(r.to_contact))) for r in relations}
    ties = []
    for hint in hints.shown:
        kinds = [kind for kind in hint.kinds if kind.value not in ("GUARANTEE", "INFLUENCE")]
        mine = hint.mine if isinstance(hint.mine, Contact) or borrower is None else borrower
        if kinds and frozenset((key_of(mine), key_of(hint.other))) not in arrows_drawn:
            ties.append(_Tie(mine, hint.other, _(", ").join(str(kind.label) for kind in kinds)))
    return ties


def _node(
    record: Contact | Customer,
    customer: Customer,
    middle: str | None,
    places: dict[str, tuple[float, float]],
) -> Node:
    key = key_of(record)
    x, y = places[key]
    if isinstance(record, Contact):
        owner, kind = record.customer, record.contact_type
        type_label = str(record.get_contact_type_display())
    else:
        owner, kind, type_label = record, COMPANY, _("Customer")
    return Node(
        key=key,
        kind=kind,
        name=record.name,
        type_label=type_label,
        customer=owner.name,
        url=record.get_absolute_url(),
        is_own=owner.pk == customer.pk,
        is_centre=key == middle,
        x=round(x, 1),
        y=round(y, 1),
    )

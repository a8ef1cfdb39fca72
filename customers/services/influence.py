"""影响关系: draw, change and remove the arrows between contacts (M3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from customers import errors
from customers.choices import InfluenceStrength, InfluenceType
from customers.models import Contact, Customer, InfluenceRelation
from customers.rules.values import clean_values
from customers.selectors.influence import contacts_on_offer
from customers.services.guards import ensure_version, lock_customer
from customers.services.log import ChangeLog, note_event
from customers.services.relations import people_changed
from lending_crm.common.errors import refuse_all
from staff.models import Employee
from staff.services.guards import lock_row, refusing

_FIELDS = ("influence_type", "strength", "note")


@transaction.atomic
def create_relations(
    *,
    contact: Contact,
    others: Sequence[Contact],
    incoming: bool,
    actor: Employee,
    now: datetime,
    influence_type: str | None = None,
    strength: int = InfluenceStrength.MEDIUM,
    note: str = "",
    ip: str | None = None,
) -> list[InfluenceRelation]:
    """Draw an arrow between ``contact`` and each of ``others``, all or none.

    ``incoming`` is list ① (they influence him), else list ② (he influences them). Without
    a type: kinship for incoming, employment for outgoing, as the manual's examples have it.
    Raises INF-01 (himself), INF-02 (exists), INF-03 (unrelated customer), CUS-11.
    """
    customer = lock_customer(contact.customer_id, actor=actor)
    if any(other.pk == contact.pk for other in others):
        raise errors.influences_himself()
    contact.customer = customer
    allowed = set(
        contacts_on_offer(contact, user=actor)
        .filter(pk__in=[other.pk for other in others])
        .values_list("pk", flat=True)
    )
    if not others or any(other.pk not in allowed for other in others):
        raise errors.unrelated_contact()
    kind = influence_type or (InfluenceType.KINSHIP if incoming else InfluenceType.EMPLOYMENT)
    values, refusals = clean_values(
        InfluenceRelation, {"influence_type": kind, "strength": strength, "note": note}
    )
    refuse_all(refusals)
    made = []
    for other in others:
        start, end = (other, contact) if incoming else (contact, other)
        relation = InfluenceRelation(
            from_contact=start, to_contact=end, created_by=actor, created_at=now, **values
        )
        with refusing({"influence_once": errors.relation_exists}):
            relation.save()
        made.append(relation)
        note_event(
            instance=customer,
            field="influences",
            old="",
            new=_text(relation),
            actor=actor,
            now=now,
            ip=ip,
        )
    people_changed(customer.pk, now=now)
    return made


@transaction.atomic
def update_relation(
    *,
    relation: InfluenceRelation,
    influence_type: str,
    strength: int,
    note: str,
    version: int | None,
    actor: Employee,
    now: datetime,
    ip: str | None = None,
) -> InfluenceRelation:
    """Change type, strength and note. Raises INF-02, WF-12, CUS-11."""
    _lock_owned_end(relation, actor=actor)
    locked = lock_row(InfluenceRelation, relation.pk)
    ensure_version(locked, version)
    values, refusals = clean_values(
        InfluenceRelation,
        {"influence_type": influence_type, "strength": strength, "note": note},
    )
    refuse_all(refusals)
    log = ChangeLog(locked, _FIELDS)
    for name, value in values.items():
        setattr(locked, name, value)
    locked.version += 1
    with refusing({"influence_once": errors.relation_exists}):
        locked.save()
    log.write(locked, actor=actor, now=now, ip=ip)
    return locked


@transaction.atomic
def delete_relation(
    *, relation: InfluenceRelation, actor: Employee, now: datetime, ip: str | None = None
) -> None:
    """Remove an arrow; the customer's change log keeps what it said."""
    customer = _lock_owned_end(relation, actor=actor)
    locked = lock_row(InfluenceRelation, relation.pk)
    note_event(
        instance=customer,
        field="influences",
        old=_text(locked),
        new="",
        actor=actor,
        now=now,
        ip=ip,
    )
    ends = (locked.from_contact.customer_id, locked.to_contact.customer_id)
    locked.delete()
    people_changed(*ends, now=now)


def _lock_owned_end(relation: InfluenceRelation, *, actor: Employee) -> Customer:
    """The customer at that end of the arrow which the actor keeps."""
    ends = (relation.from_contact.customer, relation.to_contact.customer)
    mine = next((end for end in ends if end.owner_id == actor.pk), ends[0])
    return lock_customer(mine.pk, actor=actor)


def _text(relation: InfluenceRelation) -> str:
    return f"{relation.from_contact.name} → {relation.to_contact.name}"

"""关联人登记: head-office risk declares which employees are related to a customer (WF-17)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from customers import errors
from customers.models import Contact, Customer, StaffIdentity, StaffRelation
from customers.rules.permissions import may_keep_register
from customers.rules.values import clean_values
from customers.services.guards import today_of
from customers.services.log import LANGUAGE_OF_RECORD, note_event
from customers.services.relations import people_changed
from lending_crm.common.crypto import blind_index
from lending_crm.common.errors import refuse_all
from lending_crm.common.identity import check_id_no
from staff.models import Employee
from staff.services.guards import lock_row, refusing

_EVENT = "related employees"


def ensure_may_keep_register(actor: Employee) -> None:
    """CUS-31 for everybody but head-office risk control."""
    if not may_keep_register(actor):
        raise errors.may_not_keep_register()


@transaction.atomic
def declare_relation(
    *,
    employee: Employee,
    customer: Customer,
    contact: Contact | None,
    tie: str,
    reason: str,
    actor: Employee,
    now: datetime,
    ip: str | None = None,
) -> StaffRelation:
    """From now on the employee abstains on documents of the customer, also running ones.

    ``contact`` is whom he is tied to; empty for the company itself. Raises CUS-31, CUS-32
    (declared already), CUS-34 (has left), CUS-22 (contact of another customer), CUS-17.
    """
    locked = lock_row(Customer, customer.pk)
    ensure_may_keep_register(actor)
    values, found = clean_values(StaffRelation, {"tie": tie, "reason": reason})
    found += [errors.empty_field(name) for name, value in values.items() if not value]
    if not employee.is_active:
        found.append(errors.not_this_person("employee"))
    if contact is not None and contact.customer_id != locked.pk:
        found.append(errors.wrong_customer("contact"))
    refuse_all(found)
    relation = StaffRelation(
        employee=employee, customer=locked, contact=contact, added_by=actor, added_at=now, **values
    )
    with refusing({"staff_relation_once": errors.already_declared}):
        relation.save()
    note_event(
        instance=locked,
        field=_EVENT,
        old="",
        new=_text(relation),
        actor=actor,
        now=now,
        ip=ip,
    )
    people_changed(locked.pk, now=now)
    return relation


@transaction.atomic
def end_relation(
    *, relation: StaffRelation, actor: Employee, now: datetime, ip: str | None = None
) -> StaffRelation:
    """The tie is over, the entry stays on record. Raises CUS-31; a second end changes nothing."""
    customer = lock_row(Customer, relation.customer_id)
    ensure_may_keep_register(actor)
    locked = lock_row(StaffRelation, relation.pk)
    if locked.ended_at is not None:
        return locked
    locked.ended_at, locked.ended_by = now, actor
    locked.save(update_fields=["ended_at", "ended_by"])
    note_event(
        instance=customer,
        field=_EVENT,
        old=_text(locked),
        new="",
        actor=actor,
        now=now,
        ip=ip,
    )
    people_changed(customer.pk, now=now)
    return locked


@transaction.atomic
def keep_identity(
    *, employee: Employee, id_no: str, actor: Employee, now: datetime, ip: str | None = None
) -> StaffIdentity:
    """Keep the fingerprint of an employee's ID number, to find him among contacts.

    The number itself is stored nowhere. Running cases are reviewed. Raises
    CUS-31, CUS-02 (number), CUS-33 (another employee's), CUS-34.
    """
    locked = lock_row(Employee, employee.pk)
    ensure_may_keep_register(actor)
    if not locked.is_active:
        raise errors.not_this_person("employee")
    number = check_id_no(id_no, today=today_of(now)).number
    with refusing({"customers_staffidentity_id_no_index_key": errors.identity_of_another}):
        identity, _created = StaffIdentity.objects.update_or_create(
            employee=locked,
            defaults={"id_no_index": blind_index(number), "added_by": actor, "added_at": now},
        )
    with translation.override(LANGUAGE_OF_RECORD):
        entered = _("ID fingerprint entered")
    note_event(instance=locked, field=_EVENT, old="", new=entered, actor=actor, now=now, ip=ip)
    same = {"id_no_index": identity.id_no_index}
    people_changed(
        *Contact.objects.filter(**same).values_list("customer_id", flat=True),
        *Customer.objects.filter(**same).values_list("pk", flat=True),
        now=now,
    )
    return identity


def _text(relation: StaffRelation) -> str:
    with translation.override(LANGUAGE_OF_RECORD):
        whom = relation.contact or relation.customer
        return f"{relation.employee.name} – {whom}:{relation.get_tie_display()},{relation.reason}"

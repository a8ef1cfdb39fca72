from __future__ import annotations

from django.db.models import Q, QuerySet

from customers.models import Contact, Customer, Opportunity
from lending_crm.common.keys import Keys
from lending_crm.common.models import ChangeRecord


def changes_of(record: Customer | Contact | Opportunity) -> QuerySet[ChangeRecord]:
    """修改记录, newest first; a customer's include those of its contacts and opportunities."""
    own = Q(model=record._meta.label_lower, object_id=record.pk)
    if isinstance(record, Customer):
        own |= Q(
            model=Contact._meta.label_lower,
            object_id__among=Keys(Contact.objects.filter(customer=record).values("pk")),
        )
        own |= Q(
            model=Opportunity._meta.label_lower,
            object_id__among=Keys(Opportunity.objects.filter(customer=record).values("pk")),
        )
    return ChangeRecord.objects.filter(own).select_related("actor")

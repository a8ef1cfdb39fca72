"""打印客户关系图: the drawing on paper, with a note of who printed it (domain.md §7)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from customers.models import Contact, Customer
from customers.selectors.graph import relation_graph
from customers.services.log import LANGUAGE_OF_RECORD, note_event
from documents.printing import PrintMark, company_name, content_hash, render_pdf
from lending_crm.common.models import ChangeRecord
from staff.models import Employee
from staff.services.guards import lock_row

_EVENT = "relation graphs"
_TEMPLATE = "customers/print/relation_graph.html"


@transaction.atomic
def print_relation_graph(
    *,
    customer: Customer,
    actor: Employee,
    now: datetime,
    centre: Contact | None = None,
    ip: str | None = None,
) -> bytes:
    """The graph as ``actor`` sees it, as a PDF; the customer's change log counts the prints.

    The caller has checked that ``actor`` sees the customer. A print that cannot be drawn
    (PRT-01, PRT-02) is not counted.
    """
    locked = lock_row(Customer, customer.pk)
    printed = ChangeRecord.objects.filter(
        model=Customer._meta.label_lower, object_id=locked.pk, field=_EVENT
    )
    number = printed.count() + 1
    with translation.override(LANGUAGE_OF_RECORD):
        graph = relation_graph(actor, locked, centre=centre)
        mark = PrintMark(
            number, now, f"{actor.name}({actor.employee_no})", content_hash(graph.for_browser)
        )
        context = {
            "graph": graph,
            "mark": mark,
            "company": company_name(),
            "form_title": _("Customer relation graph"),
            "secrecy": _("Internal"),
            "doc_no": locked.customer_no,
        }
        note = _("Print no. %(number)s") % {"number": number}
    pdf = render_pdf(_TEMPLATE, context, language=LANGUAGE_OF_RECORD)
    note_event(instance=locked, field=_EVENT, old="", new=note, actor=actor, now=now, ip=ip)
    return pdf

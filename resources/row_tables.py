"""The lists of a handover that a person types."""

from django.utils.translation import gettext_lazy as _

from documents.rows import RowTable
from resources.models import HandoverPart

PARTS = RowTable(
    name="parts",
    model=HandoverPart,
    label=_("Handover objects"),
    columns=("kind", "receiver"),
    related=("receiver",),
    add_label=_("Add a kind"),
    note=_(
        "By kind, only what is named here goes over. Without a receiver of its own a kind goes"
        " to the receiver of all; documents go with their customer. Single things are chosen in"
        " the handover list, which is drawn up when this is saved."
    ),
)

"""The lists of a customer completion."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from documents.rows import RowTable
from postloan.models import CompletedBusiness, GuaranteeRelease, ReturnedMaterial

FIGURES = (
    "disbursed",
    "principal_paid",
    "interest_paid",
    "penalty_paid",
    "fee_paid",
    "outstanding",
)
BUSINESSES = RowTable(
    name="businesses",
    model=CompletedBusiness,
    label=_("Businesses to complete"),
    columns=("application",),
    computed=FIGURES,
    related=("application",),
    totals=FIGURES,
    add_label=_("Add a business"),
    note=_("The figures come from the ledger when the document is saved."),
)
RELEASES = RowTable(
    name="releases",
    model=GuaranteeRelease,
    label=_("Release of the guarantees"),
    columns=("business_no", "security", "step", "is_done", "done_on", "note"),
    preset=frozenset({"business_no", "security", "step"}),
    is_fixed=True,
    note=_("The list follows from the securities of the businesses when the document is saved."),
)
MATERIALS = RowTable(
    name="materials",
    model=ReturnedMaterial,
    label=_("Materials returned"),
    columns=("material", "form", "copies", "receiver"),
    preset=frozenset({"form", "copies"}),
    add_label=_("Add a material"),
)

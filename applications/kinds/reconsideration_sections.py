"""The parts of 业务复议申请单 in the order of its form, page and print-out."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from documents.kinds import Section

SECTIONS = (
    Section(
        "rejection",
        _("The rejection"),
        (
            "customer",
            "opportunity",
            "origin",
            "rejected_node",
            "rejected_by",
            "rejected_on",
            "rejected_opinion",
        ),
    ),
    Section(
        "request",
        _("What is asked for now"),
        (
            "subject",
            "amount",
            "term_months",
            "annual_rate",
            "guarantee",
            "guarantee_note",
            "exposure",
            "all_in_rate",
            "uplift_reasons",
        ),
        ("guarantee_items",),
    ),
    Section("grounds", _("Grounds"), ("reason", "new_facts", "remark")),
)

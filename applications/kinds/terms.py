"""What an approver of a loan may set, whichever document asks for it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from workflows.kinds import TermField

TERM_FIELDS = (
    TermField("approved_amount", "money", _("Approved amount (CNY)")),
    TermField("approved_term", "integer", _("Approved term (months)")),
    TermField("approved_rate", "rate", _("Approved annual rate (%)")),
)

"""The form of a refund or waiver."""

from __future__ import annotations

from decimal import Decimal

from django.utils.text import capfirst

from documents.desk.forms import HeaderForm
from funds.models import InterestRefundWaiver
from funds.models.fields import ZERO
from lending_crm.common.forms import MoneyField


class ReliefHeaderForm(HeaderForm):
    """含罚息金额 may be left empty: nothing is waived besides the interest."""

    penalty_part = MoneyField(
        label=capfirst(InterestRefundWaiver._meta.get_field("penalty_part").verbose_name),
        required=False,
        initial=ZERO,
    )

    def clean_penalty_part(self) -> Decimal:
        return self.cleaned_data["penalty_part"] or ZERO

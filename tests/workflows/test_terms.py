"""The terms of a decision as history, ballots and papers write them."""

from __future__ import annotations

from workflows.kinds import TermField
from workflows.terms import shown_terms

FIELDS = (
    TermField("amount", "money", "Amount"),
    TermField("months", "integer", "Term"),
    TermField("rate", "rate", "Rate"),
)


class TestShownTerms:
    def test_names_each_and_writes_it_by_its_type(self):
        said = {"rate": "10.8", "amount": "5500000", "months": 12}
        assert shown_terms(said, FIELDS) == [
            ("Amount", "5,500,000.00"),
            ("Term", "12"),
            ("Rate", "10.80%"),
        ]

    def test_leaves_out_what_was_not_set_and_what_the_kind_does_not_know(self):
        assert shown_terms({"amount": "", "months": None, "other": 1}, FIELDS) == []

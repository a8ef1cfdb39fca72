"""The badges of choices that grade: registered once, worn wherever a column offers the choices."""

from __future__ import annotations

from django.db import models
from django.template import Context, Template
from django.utils import translation

import pytest

from customers.choices import CreditColour, CustomerStatus, RiskClass
from customers.models import Customer
from documents.kinds import routed_kind
from funds.choices import LoanStatus
from lending_crm.common.design.grades import (
    field_grade,
    grade_of,
    grade_of_word,
    register_grades,
)
from lending_crm.common.design.status import TONES
from postloan.models import SupervisionReport
from workflows.screens.tables import aligned_tables


class _Signal(models.TextChoices):
    UP = "UP", "Up"
    DOWN = "DOWN", "Down"


class TestGradeOf:
    @pytest.mark.parametrize("choices", [RiskClass, CreditColour])
    def test_gives_each_choice_a_word_a_known_tone_and_an_icon_of_its_own(self, choices):
        marks = [grade_of(choices.choices, value) for value in choices.values]
        assert [str(mark.label) for mark in marks] == [str(label) for label in choices.labels]
        assert {mark.tone for mark in marks} <= set(TONES)
        assert len({mark.icon for mark in marks}) == len(marks)

    def test_is_none_without_a_value_and_for_choices_that_grade_nothing(self):
        assert grade_of(CreditColour.choices, "") is None
        assert grade_of(_Signal.choices, "UP") is None

    def test_refuses_badges_that_leave_a_choice_out(self):
        with pytest.raises(ValueError, match="_Signal and its badges differ"):
            register_grades(_Signal, {_Signal.UP: ("green", "check")})


class TestFieldGrade:
    def test_reads_the_column_also_where_it_may_be_blank(self):
        mark = field_grade(SupervisionReport(colour="YELLOW"), "colour")
        assert (mark.tone, mark.icon) == ("amber", "alert-triangle")
        assert field_grade(SupervisionReport(colour=""), "colour") is None
        assert field_grade(Customer(name="A"), "name") is None


class TestBadges:
    def draw(self, record, name):
        page = Template("{% load ui %}{% grade_badge record name %}")
        with translation.override("zh-hans"):
            return page.render(Context({"record": record, "name": name}))

    def test_says_the_word_beside_the_colour(self):
        html = self.draw(Customer(risk_class="SUBSTANDARD"), "risk_class")
        assert "ui-tone-red" in html
        assert "#alert-triangle" in html
        assert "<span>次级</span>" in html

    def test_writes_a_dash_for_none(self):
        assert self.draw(SupervisionReport(colour=""), "colour") == (
            '<span class="ui-muted">—</span>'
        )


class TestTables:
    """Columns of grades in the lists of a document and of its case."""

    @pytest.mark.parametrize(("language", "word"), [("zh-hans", "次级"), ("en", "Substandard")])
    def test_a_bad_customers_loans_wear_the_class(self, language, word):
        with translation.override(language):
            table = {
                "name": "loans",
                "columns": ["loan", "risk class"],
                "rows": [["JJ-1", "1.00", "1.00", "1.00", "91", word]],
            }
            kind = routed_kind("bad_customer_handover")
            [drawn] = aligned_tables({"tables": [table]}, columns=kind.table_columns)["tables"]
            [cells] = drawn["rows"]
            assert [str(cell[2].label) for cell in cells if cell[2]] == [word]
            assert cells[-1][2].tone == "red"

    def test_a_table_that_nobody_knows_stays_words(self):
        table = {"name": "other", "columns": ["a"], "rows": [["次级"]]}
        kind = routed_kind("bad_customer_handover")
        [drawn] = aligned_tables({"tables": [table]}, columns=kind.table_columns)["tables"]
        assert drawn["rows"] == [[("次级", False, None)]]

    def test_figures_align_by_what_a_column_holds_and_not_by_how_it_looks(self):
        row = ["评估费", "123", "3,000.00", "", "", "", "", "20260302", "", "0.00"]
        table = {"name": "sheet", "columns": [*map(str, range(10))], "rows": [row]}
        kind = routed_kind("intermediary_application")
        [drawn] = aligned_tables({"tables": [table]}, columns=kind.table_columns)["tables"]
        figures = [index for index, (_title, is_number) in enumerate(drawn["columns"]) if is_number]
        assert figures == [2, 3, 5, 8, 9]  # neither the payee 123 nor the voucher
        assert [is_number for _text, is_number, _grade in drawn["rows"][0]] == [
            index in figures for index in range(10)
        ]

    def test_a_list_told_in_its_own_form_says_which_columns_are_figures(self):
        types = routed_kind("fund_transfer").table_columns("lines")
        assert [each.is_number for each in types] == [False, False, True]
        fees = routed_kind("business_application").table_columns("fees")
        assert [each.is_number for each in fees] == [False, True, False, False]

    @pytest.mark.parametrize("choices", [CustomerStatus, LoanStatus])
    def test_a_word_finds_its_badge(self, choices):
        for value, label in choices.choices:
            assert grade_of_word(choices.choices, str(label)) == grade_of(choices.choices, value)
        assert grade_of_word(choices.choices, "无此状态") is None

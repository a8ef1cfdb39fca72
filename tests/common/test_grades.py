"""The badges of choices that grade: registered once, worn wherever a column offers the choices."""

from __future__ import annotations

from django.db import models
from django.template import Context, Template
from django.utils import translation

import pytest

from customers.choices import CreditColour, RiskClass
from customers.models import Customer
from lending_crm.common.design.grades import field_grade, grade_of, register_grades
from lending_crm.common.design.status import TONES
from postloan.models import SupervisionReport


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

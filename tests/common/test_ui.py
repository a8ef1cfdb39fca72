"""The design system: tags, parts, fields, colours, and what no template may contain."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import include, path
from django.utils import translation

import pytest

from lending_crm.common.design.samples import sample_context
from lending_crm.common.design.status import ACTS, STATUSES, TONES

BASE = Path(settings.BASE_DIR)
# What WeasyPrint prints never reaches a browser.
TEMPLATES = sorted(p for p in (BASE / "templates").rglob("*.html") if p.parent.name != "print")
STYLES = sorted((BASE / "static" / "app" / "css").glob("*.css"))
TOKEN = re.compile(r"--ui-([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")
TEXTS = ("text", "text-2", "text-3", "link", "danger", "required", "accent-text")
GROUNDS = ("canvas", "surface", "sunken", "hover", "selected")
STATES = ("grey", "blue", "green", "amber", "red", "slate")
PAIRS = (
    *[(text, ground, 4.5) for text in TEXTS for ground in GROUNDS],
    *[(state, f"{state}-soft", 4.5) for state in STATES],
    *[("text", f"{state}-soft", 4.5) for state in STATES],
    *[("white", fill, 4.5) for fill in ("accent", "accent-hover", "danger-fill")],
    ("border-control", "surface", 3.0),
)
NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)  # 14:00 in Shanghai


urlpatterns = [
    path("i18n/", include("django.conf.urls.i18n")),
    path("design/", include("lending_crm.common.design.urls")),
]


def draw(source: str, language: str = "en", **values: Any) -> str:
    request = RequestFactory().get("/list/?status=DRAFT&cursor=old")
    frame = SimpleNamespace(now=NOW)
    with translation.override(language):
        template = Template("{% load i18n ui %}" + source)
        return template.render(Context({"request": request, "frame": frame, **values}))


class TestStatusBadge:
    @pytest.mark.parametrize(
        ("code", "tone", "word"),
        [
            ("DRAFT", "grey", "草稿"),
            ("IN_APPROVAL", "blue", "审批中"),
            ("APPROVED", "green", "已通过"),
            ("RETURNED", "amber", "已退回"),
            ("REJECTED", "red", "已否决"),
            ("WITHDRAWN", "slate", "已撤回"),
            ("VOID", "void", "已作废"),
        ],
    )
    def test_has_its_colour_icon_and_word(self, code: str, tone: str, word: str) -> None:
        html = draw("{% status_badge code %}", "zh-hans", code=code)

        assert f"ui-tone-{tone}" in html
        assert f"#{STATUSES[code].icon}" in html
        assert f">{word}<" in html

    def test_takes_another_word(self) -> None:
        assert ">Waiting<" in draw('{% status_badge "OPEN" "Waiting" %}')

    def test_shows_an_unknown_code_as_text(self) -> None:
        assert "&lt;b&gt;" in draw("{% status_badge code %}", code="<b>")

    def test_knows_only_tones_that_have_a_colour(self) -> None:
        used = {mark.tone for mark in STATUSES.values()} | {tone for tone, _icon in ACTS.values()}

        assert used <= set(TONES)


class TestFilters:
    @pytest.mark.parametrize(
        ("source", "value", "shown"),
        [
            ("{{ x|amount }}", Decimal("1000000"), "1,000,000.00"),
            ("{{ x|amount }}", None, "—"),
            ("{{ x|amount_wan }}", Decimal("12345678.90"), "1,234.57"),
            ("{{ x|amount_short }}", Decimal("550000"), "CNY 550,000.00"),
            ("{{ x|amount_short }}", None, "—"),
            ("{{ x|capital }}", Decimal("1000000"), "人民币壹佰万元整"),
            ("{{ x|capital }}", None, ""),
            ("{{ x|rate }}", Decimal("14.4050"), "14.41%"),
            ("{{ x|moment }}", NOW, "2026-03-02 14:00"),
            ("{{ x|day }}", datetime(2026, 3, 1, 17, 0, tzinfo=UTC), "2026-03-02"),
            ("{{ x|day }}", None, "—"),
            ("{{ x|duration }}", timedelta(days=2, hours=3, minutes=9), "2 days 3 h"),
            ("{{ x|duration }}", timedelta(hours=1, minutes=5), "1 h 5 min"),
            ("{{ x|duration }}", 20, "less than a minute"),
            ("{{ x|duration }}", None, "—"),
        ],
    )
    def test_format_as_people_read(self, source: str, value: Any, shown: str) -> None:
        assert draw(source, x=value) == shown

    def test_an_amount_without_a_heading_is_counted_as_its_readers_count(self) -> None:
        assert draw("{{ x|amount_short }}", "zh-hans", x=Decimal("550000")) == "55.00 万元"
        assert draw("{{ x|amount_short }}", "en", x=Decimal("550000")) == "CNY 550,000.00"


class TestWaiting:
    def test_counts_from_the_moment_of_the_page(self) -> None:
        assert "5 小时" in draw("{% waiting x %}", "zh-hans", x=NOW - timedelta(hours=5))

    def test_is_red_with_a_clock_once_overdue(self) -> None:
        html = draw("{% waiting x y %}", x=NOW - timedelta(days=2), y=NOW - timedelta(hours=1))

        assert "ui-overdue" in html
        assert "#clock-exclamation" in html
        assert "2 days" in html


class TestDue:
    @pytest.mark.parametrize(
        ("when", "shown"),
        [
            (NOW + timedelta(hours=2), ">16:00<"),
            (NOW + timedelta(days=1), ">tomorrow 14:00<"),
            (NOW + timedelta(days=5), ">03-07 14:00<"),
            (NOW + timedelta(days=400), ">2027-04-06 14:00<"),
            (NOW - timedelta(hours=26), "overdue 1 day 2 h"),
        ],
    )
    def test_is_as_short_as_it_can_be(self, when: datetime, shown: str) -> None:
        assert shown in draw("{% due x %}", x=when)


class TestComponent:
    def test_puts_body_and_slots_where_they_belong(self) -> None:
        html = draw(
            '{% component "panel" title="T" %}body'
            '{% slot "actions" %}<b>act</b>{% endslot %}{% endcomponent %}'
        )

        assert re.search(r'ui-panel-actions"><b>act</b></div>', html)
        assert 'ui-panel-body">body</div>' in html

    def test_keeps_the_slots_of_nested_components_apart(self) -> None:
        html = draw(
            '{% component "panel" title="outer" %}'
            '{% component "panel" title="in" %}{% slot "foot" %}IN{% endslot %}{% endcomponent %}'
            '{% slot "foot" %}OUT{% endslot %}{% endcomponent %}'
        )

        assert html.index("IN") < html.index("OUT")
        assert html.count("ui-panel-foot") == 2

    def test_sees_no_variable_of_the_page(self) -> None:
        html = draw('{% component "panel" title="T" %}x{% endcomponent %}', count=99, id="stolen")

        assert "99" not in html
        assert "stolen" not in html

    def test_escapes_what_it_is_given(self) -> None:
        assert "<script>" not in draw('{% part "alert" text=x %}', x="<script>alert(1)</script>")

    @pytest.mark.parametrize(
        "source",
        [
            "{% component %}{% endcomponent %}",
            '{% component "panel" oops %}{% endcomponent %}',
            '{% slot "a" %}{% endslot %}',
            '{% component "panel" %}{% slot %}{% endslot %}{% endcomponent %}',
        ],
    )
    def test_refuses_a_mistake_in_the_template(self, source: str) -> None:
        with pytest.raises(TemplateSyntaxError):
            draw(source)


class TestButton:
    def test_says_why_it_is_disabled(self) -> None:
        html = draw('{% part "button" label="Edit" reason="Under approval." id="edit" url="/e/" %}')

        assert 'aria-disabled="true"' in html
        assert 'aria-describedby="edit-reason"' in html
        assert "/e/" not in html
        assert html.count("Under approval.") == 2


class TestRelatedList:
    def test_says_what_to_do_when_it_is_empty(self) -> None:
        html = draw('{% component "related_list" title="Contacts" count=0 empty="Add one." '
                    'new_url="/new/" %}ROWS{% endcomponent %}')  # fmt: skip

        assert "Add one." in html
        assert "ROWS" not in html
        assert 'href="/new/"' in html

    def test_shows_its_rows_and_their_number(self) -> None:
        html = draw('{% component "related_list" title="Contacts" count=3 %}ROWS{% endcomponent %}')

        assert "ROWS" in html
        assert ">3<" in html


class TestPager:
    def test_keeps_the_filters_of_the_list(self) -> None:
        page = SimpleNamespace(has_next=True, next_cursor="n", has_previous=False)

        html = draw('{% part "pager" page=page %}', page=page)

        assert "?status=DRAFT&amp;cursor=n" in html
        assert 'rel="prev"' not in html


class SampleForm(forms.Form):
    required_to_submit = frozenset({"term"})
    name = forms.CharField(help_text="As on the licence.", widget=forms.TextInput({"class": "x"}))
    amount = forms.DecimalField(required=False)
    term = forms.IntegerField(required=False)
    day = forms.DateField(required=False)
    note = forms.CharField(required=False, widget=forms.Textarea)
    kinds = forms.MultipleChoiceField(
        choices=[("a", "A"), ("b", "B")], required=False, widget=forms.CheckboxSelectMultiple
    )
    secret = forms.CharField(required=False, widget=forms.HiddenInput)


class TestFilterBar:
    """``draw`` asks for /list/?status=DRAFT&cursor=old."""

    BAR = (
        '{% component "filter_bar" reset_url="?" %}'
        '{% slot "search" %}{% part "search_input" %}{% endslot %}BODY{% endcomponent %}'
    )

    def bar(self, controls: str) -> str:
        return draw(self.BAR.replace("BODY", controls))

    def test_folds_filters_that_are_not_set(self) -> None:
        html = self.bar('<select name="branch"></select><input type="hidden" name="status">')
        assert '<details class="ui-filter-toggle" >' in html
        assert html.index("ui-search") < html.index("<details") < html.index('name="branch"')

    def test_shows_a_filter_that_is_set(self) -> None:
        assert '<details class="ui-filter-toggle" open>' in self.bar('<select name="status">')

    def test_has_nothing_to_unfold_beside_a_search_alone(self) -> None:
        assert "<details" not in self.bar("")

    def test_folds_nothing_where_there_is_no_search(self) -> None:
        source = '{% component "filter_bar" %}<input type="date" name="day">{% endcomponent %}'
        assert "<details" not in draw(source)


class TestField:
    def test_ties_label_help_and_error_to_the_control(self) -> None:
        html = draw("{% field form.name %}", form=SampleForm({}))

        assert 'for="id_name"' in html
        assert 'aria-describedby="id_name_help id_name_error"' in html
        assert 'id="id_name_error"' in html
        assert 'aria-invalid="true"' in html
        assert 'class="x form-control is-invalid"' in html

    def test_labels_a_required_field_in_red_and_in_words(self) -> None:
        html = draw("{% field form.name %}", form=SampleForm())

        assert "is-required" in html
        assert "(required)" in html
        assert 'aria-required="true"' in html
        assert " required" not in html.replace("is-required", "").replace("aria-required", "")

    def test_marks_what_is_needed_to_submit(self) -> None:
        assert "needed to submit" in draw("{% field form.term %}", form=SampleForm())

    def test_keeps_what_was_typed_when_it_was_wrong(self) -> None:
        form = SampleForm({"amount": "1,0x0", "name": '"><b>', "kinds": ["b"]})

        html = draw("{% field form.amount %}{% field form.name %}{% field form.kinds %}", form=form)

        assert 'value="1,0x0"' in html
        assert "&quot;&gt;&lt;b&gt;" in html
        assert re.search(r'value="b"[^>]* checked', html)

    @pytest.mark.parametrize(
        ("name", "attribute"),
        [
            ("amount", 'inputmode="decimal"'),
            ("term", 'inputmode="numeric"'),
            ("day", 'type="date"'),
            ("note", 'rows="3"'),
        ],
    )
    def test_asks_for_the_right_keyboard(self, name: str, attribute: str) -> None:
        html = draw("{% field bound %}", bound=SampleForm()[name])

        assert attribute in html
        assert 'type="number"' not in html

    def test_writes_a_day_as_the_browser_needs_it(self) -> None:
        form = SampleForm(initial={"day": datetime(2026, 3, 2, tzinfo=UTC).date()})

        for language in ("en", "zh-hans"):
            assert 'value="2026-03-02"' in draw("{% field form.day %}", language, form=form)

    def test_groups_choices_under_one_legend(self) -> None:
        html = draw("{% field form.kinds %}", form=SampleForm())

        assert html.count("<legend") == 1
        assert html.count('class="ui-check"') == 2

    def test_names_a_control_without_a_label(self) -> None:
        assert 'aria-label="Amount"' in draw("{% control form.amount %}", form=SampleForm())


class TestFormErrors:
    def test_counts_fields_and_shows_errors_of_the_whole(self) -> None:
        form = SampleForm({"term": "x"})
        form.is_valid()
        form.add_error(None, "Too expensive.")
        form.add_error("secret", "Tampered.")

        html = draw("{% form_errors form %}", form=form)

        assert "Too expensive." in html
        assert "Tampered." in html
        assert "2 fields need your attention" in html

    def test_is_silent_without_errors(self) -> None:
        assert draw("{% form_errors form %}", form=SampleForm()).strip() == ""


class TestTemplates:
    """The content security policy drops inline style and script; this names where one is."""

    FORBIDDEN = re.compile(
        r"<style\b|\bstyle\s*=\s*[\"']|\son\w+\s*=\s*[\"']|javascript:|<script(?![^>]*\bsrc=)", re.I
    )

    @pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
    def test_hold_no_inline_style_or_script(self, template: Path) -> None:
        assert not self.FORBIDDEN.search(template.read_text(encoding="utf-8"))

    @pytest.mark.parametrize(
        "line",
        ['<p style="x">', "<b onclick='x'>", "<script>x</script>", '<a href="javascript:x">'],
    )
    def test_the_rule_finds_what_it_looks_for(self, line: str) -> None:
        assert self.FORBIDDEN.search(line)

    def test_load_nothing_from_elsewhere(self) -> None:
        for source in [*TEMPLATES, *STYLES]:
            text = source.read_text(encoding="utf-8")
            found = re.findall(r"(?:src|href)=\"(?:https?:)?//[^\"]+|url\(['\"]?https?:[^)]+", text)
            assert not found, f"{source.name}: {found}"


class TestColours:
    """WCAG AA: text 4.5, the edges of controls 3, in both themes."""

    def tokens(self) -> dict[str, tuple[str, str]]:
        text = (BASE / "static" / "app" / "css" / "tokens.css").read_text(encoding="utf-8")
        found = {name: (light, dark) for name, light, dark in TOKEN.findall(text)}
        return {**found, "white": ("#ffffff", "#ffffff")}

    def luminance(self, colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    @pytest.mark.parametrize(("text", "ground", "least"), PAIRS)
    def test_stand_out_enough(self, text: str, ground: str, least: float) -> None:
        tokens = self.tokens()
        for theme in (0, 1):
            pair = sorted(self.luminance(tokens[name][theme]) for name in (text, ground))
            assert (pair[1] + 0.05) / (pair[0] + 0.05) >= least


@pytest.mark.urls(__name__)
class TestDesignPage:
    @pytest.mark.parametrize("language", ["en", "zh-hans"])
    def test_draws_in_both_languages(self, language: str) -> None:
        request = RequestFactory().get("/design/")
        request.user = AnonymousUser()
        with translation.override(language):
            html = render_to_string("design/components.html", sample_context(NOW), request)

        assert html.count("<h1") == 1
        assert html.count('aria-live="polite"') == 1
        ids = re.findall(r'\sid="([^"]+)"', html)
        twice = {name for name in ids if ids.count(name) > 1}
        assert {name for name in twice if not name.startswith("id_")} == set()

    def test_shows_every_part(self) -> None:
        page = BASE / "templates" / "design" / "components.html"
        parts = {path.stem for path in (BASE / "templates" / "components").glob("*.html")}
        shown = re.findall(
            r"{% (?:part|component) \"(\w+)\"|components/(\w+)\.html", page.read_text("utf-8")
        )
        # Drawn by a tag, by the frame, or inside another part.
        elsewhere = {
            "count_badge", "field", "field_notes", "form_errors", "formset_row", "label_text",
            "messages", "money", "person", "refusal", "stylesheets",
        }  # fmt: skip

        assert parts - {name for pair in shown for name in pair} == elsewhere


class TestNumbersInAddresses:
    def test_an_id_is_never_grouped(self) -> None:
        """Links and hidden inputs hold ids; with separators those from 1,000 on go nowhere."""
        for language in ("zh-hans", "en"):
            with translation.override(language):
                shown = Template("?case={{ case }}").render(Context({"case": 1234567}))
            assert shown == "?case=1234567"

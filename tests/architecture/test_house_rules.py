"""The house rules hold, and each of them would notice a breach."""

from __future__ import annotations

import pytest

from scripts import house_rules

VIEW = "staff/views/people.py"
SERVICE = "staff/services/people.py"
MODEL = "customers/models/customer.py"
PAGE = "templates/staff/people.html"

BAD = [
    (VIEW, "person.save()"),
    (VIEW, "Employee.objects.create(name=name)"),
    (VIEW, "with transaction.atomic():\n    pass"),
    (VIEW, "try:\n    act()\nexcept Exception:\n    pass"),
    (VIEW, "try:\n    act()\nexcept:\n    pass"),
    (SERVICE, "now = timezone.now()"),
    (SERVICE, "today = timezone.localdate()"),
    (SERVICE, "today = date.today()"),
    (SERVICE, "def hire(person, *, actor, now): ..."),
    (MODEL, "at = models.DateTimeField(auto_now_add=True)"),
    (MODEL, "at = models.DateTimeField(default=timezone.now)"),
    (MODEL, "rate = models.FloatField()"),
    ("customers/rules/amounts.py", "total = float(amount)"),
    ("customers/labels.py", "return mark_safe(name)"),
    ("customers/labels.py", "# TODO: later"),
    ("customers/labels.py", "from django.utils.translation import gettext as _now"),
    ("customers/labels.py", "pass\n" * (house_rules.LONGEST_FILE + 1)),
    (PAGE, "{{ name|safe }}"),
    (PAGE, "{% autoescape off %}"),
    (PAGE, "<script>alert(1)</script>"),
    (PAGE, '<p style="color: red">'),
    (PAGE, '<a onclick="go()">'),
    (PAGE, '<script src="https://cdn.example.com/x.js"></script>'),
    ("README.md", "pip install -i https://pypi" + ".org/simple x"),
    ("docs/x.md", "see /work" + "/main/docs"),
]

GOOD = [
    (VIEW, "form.is_valid()\nhire(actor=request.user, now=timezone.now())"),
    (VIEW, "try:\n    act()\nexcept DomainError as refusal:\n    show(refusal)"),
    (SERVICE, "def hire(*, person, actor, now):\n    person.save()"),
    (SERVICE, "with transaction.atomic():\n    pass"),
    (SERVICE, "day = timezone.localdate(now)"),
    (SERVICE, "def lock_person(person_id): ..."),
    ("staff/tasks.py", "remind(now=timezone.now())"),
    ("workflows/bpmn/canvas.py", "x = float(1)"),
    (MODEL, "at = models.DateTimeField()"),
    ("customers/labels.py", "from django.utils.translation import gettext as _"),
    ("customers/labels.py", "return mark_safe(svg)  # noqa: S308 - drawn from digits"),
    (PAGE, "{{ name }}"),
    (PAGE, '<script src="{% static "app/js/app.js" %}" defer></script>'),
    (PAGE, '<a href="{% url "staff:people" %}">'),
    ("templates/applications/print/form.html", "<style>p { margin: 0 }</style>"),
    ("static/vendor/x-1/readme.md", "https://www.npmjs" + ".com/package/x"),
]


def breaches(path: str, text: str) -> list[str]:
    name = house_rules.PurePosixPath(path)
    return [
        rule.name
        for rule in house_rules.RULES
        if rule.holds_for(name)
        for _finding in rule.breaches(text)
    ]


class TestHouseRules:
    def test_hold_in_every_tracked_file(self) -> None:
        assert list(house_rules.breaches()) == []

    @pytest.mark.parametrize(("path", "text"), BAD)
    def test_notice_a_breach(self, path: str, text: str) -> None:
        assert breaches(path, text)

    @pytest.mark.parametrize(("path", "text"), GOOD)
    def test_leave_good_code_alone(self, path: str, text: str) -> None:
        assert breaches(path, text) == []

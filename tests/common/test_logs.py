"""No personal data in the logs."""

import pytest

from lending_crm.common.logs import scrub


class TestScrub:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("call 13800138000 now", "call [number] now"),
            ("id 44052419800101001X", "id [number]"),
            ("code 91350100M000100Y43", "code [number]"),
            ("mail a.b@example.com", "mail [e-mail]"),
            (
                "duplicate key\nDETAIL:  Key (name)=(张三) already exists.",
                "duplicate key\nDETAIL: [removed]",
            ),
            ("BA202611220001 was submitted", "BA202611220001 was submitted"),
            ("took 120 ms at 10:00", "took 120 ms at 10:00"),
        ],
    )
    def test_removes_what_identifies_a_person(self, text: str, expected: str) -> None:
        assert scrub(text) == expected

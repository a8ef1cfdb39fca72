import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from lending_crm.common.text import clean_line, clean_text, pinyin_initials, search_key


class TestCleanText:
    def test_removes_what_cannot_be_stored(self):
        assert clean_text("  甲\x00乙\x07\ud800\u202e丙\r\n丁\u00a0 ") == "甲乙丙\n丁"

    def test_knows_every_line_end(self):
        assert clean_text("甲\u2028乙\x0b丙\r丁") == "甲\n乙\n丙\n丁"

    def test_composes_characters(self):
        assert clean_text("e\u0301") == "é"

    def test_keeps_emoji_and_rare_characters(self):
        assert clean_text("👨‍👩‍👧 𠮷") == "👨‍👩‍👧 𠮷"

    def test_makes_one_line(self):
        assert clean_line(" 沈阳\n 汇银 ") == "沈阳 汇银"

    @given(st.text(st.characters(codec=None)))
    def test_gives_what_postgresql_takes(self, typed):
        cleaned = clean_text(typed)
        cleaned.encode()
        assert "\x00" not in cleaned
        assert unicodedata.is_normalized("NFC", cleaned)
        assert clean_text(cleaned) == cleaned


class TestSearchKey:
    def test_knows_initials(self):
        assert pinyin_initials("北方汇银") == "bfhy"
        assert pinyin_initials("重庆A8（集团）") == "cqa8jt"

    def test_finds_by_name_initials_and_pinyin(self):
        key = search_key("北方汇银ABC")
        for typed in ("北方汇银abc", "bfhyabc", "beifanghuiyin"):
            assert typed in key

    def test_knows_every_reading_of_a_surname(self):
        key = search_key("单雄信")
        assert "sxx" in key
        assert "dxx" in key

    def test_takes_anything(self):
        assert search_key("") == ""
        assert search_key("，。") == "，。"
        assert "𠮷" in search_key("𠮷野家")

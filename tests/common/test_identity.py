from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending_crm.common.errors import DomainError
from lending_crm.common.identity import (
    check_id_no,
    check_mobile,
    check_phone,
    check_uscc,
    luhn_warning,
    mask_card,
    mask_id_no,
    mask_phone,
)

TODAY = date(2026, 11, 22)


def id_number(body: str) -> str:
    total = sum(int(d) * (2 ** (17 - i) % 11) for i, d in enumerate(body))
    return body + "10X98765432"[total % 11]


class TestCheckUscc:
    @pytest.mark.parametrize(
        "typed",
        [
            "91110000600037341L",
            "91110000600037341l",
            " 9111 0000 6000 3734 1L ",
            "９１110000600037341Ｌ",
        ],
    )
    def test_accepts_and_normalises(self, typed):
        assert check_uscc(typed) == "91110000600037341L"

    @pytest.mark.parametrize(
        "typed",
        [
            "91110000600037341M",
            "",
            "9111",
            "A1110000600037341L",
            "91110000600037341I",
            "١" * 18,
            "9" * 9999,
        ],
    )
    def test_refuses_with_cus_01(self, typed):
        with pytest.raises(DomainError) as refused:
            check_uscc(typed, field="credit_code")
        assert (refused.value.code, refused.value.field) == ("CUS-01", "credit_code")
        assert refused.value.message == "统一社会信用代码不正确(校验位不符)。"


class TestCheckIdNo:
    def test_tells_birth_date_and_gender(self):
        facts = check_id_no("11010519491231002x", today=TODAY)
        assert facts.number == "11010519491231002X"
        assert facts.birth_date == date(1949, 12, 31)
        assert facts.gender == "F"

    def test_accepts_renamed_regions(self):
        for number in (id_number("21028119850302001"), "34052419800101001X"):
            assert check_id_no(number, today=TODAY).number == number

    @pytest.mark.parametrize(
        "typed",
        [
            "",
            "110105194912310021",  # check digit
            id_number("11010519491331002"),  # month 13
            id_number("11010520230229001"),  # 29 February of a common year
            id_number("11010520261123001"),  # tomorrow
            id_number("44052418800101001"),  # 1880
            "110105491231002",  # 15 places, out of use since 2013
            "1101051949123100２Y",
            "\x00" * 18,
            "1" * 100_000,
        ],
    )
    def test_refuses_with_cus_02(self, typed):
        with pytest.raises(DomainError) as refused:
            check_id_no(typed, today=TODAY)
        assert (refused.value.code, refused.value.field) == ("CUS-02", "id_no")
        assert refused.value.message == "身份证号码不正确(长度、出生日期或校验位不符)。"

    @given(st.dates(date(1900, 1, 1), TODAY), st.integers(0, 999_999), st.integers(0, 999))
    def test_accepts_every_well_formed_number(self, born, region, sequence):
        number = id_number(f"{region:06}{born:%Y%m%d}{sequence:03}")
        facts = check_id_no(number, today=TODAY)
        assert facts.birth_date == born
        assert facts.gender == ("M" if sequence % 2 else "F")

    @given(st.dates(date(1900, 1, 1), TODAY), st.integers(0, 17), st.integers(1, 9))
    def test_notices_every_single_wrong_digit(self, born, place, shift):
        number = id_number(f"110105{born:%Y%m%d}001")
        if number[place] == "X":
            return
        wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
        with pytest.raises(DomainError):
            check_id_no(wrong, today=TODAY)

    def test_counts_full_years(self):
        facts = check_id_no(id_number("11010520080229001"), today=TODAY)
        assert facts.age_on(date(2026, 2, 28)) == 17
        assert facts.age_on(date(2026, 3, 1)) == 18


class TestCheckPhone:
    @pytest.mark.parametrize(
        "typed", ["13800138000", "138 0013 8000", "+86 138-0013-8000", "１３８00138000"]
    )
    def test_accepts_mobile_numbers(self, typed):
        assert check_mobile(typed) == check_phone(typed) == "13800138000"

    @pytest.mark.parametrize("typed", ["024-23456789", "02423456789", "0411-8765432"])
    def test_accepts_landlines_where_allowed(self, typed):
        assert check_phone(typed) == typed
        with pytest.raises(DomainError):
            check_mobile(typed)

    @pytest.mark.parametrize(
        "typed", ["", "12800138000", "1380013800", "138001380000", "call me", "1" * 9999]
    )
    def test_refuses_with_cus_04(self, typed):
        with pytest.raises(DomainError) as refused:
            check_phone(typed, field="phone2")
        assert (refused.value.code, refused.value.field) == ("CUS-04", "phone2")
        assert refused.value.message == "手机号码格式不正确。"


class TestWarnAboutCardNumber:
    def test_says_nothing_of_a_sound_card(self):
        assert (
            luhn_warning("6222 0212 3456 7894") is None or luhn_warning("4111111111111111") is None
        )
        assert luhn_warning("4111111111111111") is None

    def test_warns_of_a_mistyped_card_only(self):
        assert luhn_warning("4111111111111112")
        assert luhn_warning("12345678901234567") is None


class TestMask:
    def test_hides_the_middle(self):
        assert mask_id_no("21010219900307001X") == "210***********001X"
        assert mask_phone("13800138000") == "138****8000"
        assert mask_phone("024-23456789") == "024-****6789"
        assert mask_card("6222021234560128") == "6222 **** **** 0128"
        assert mask_card("6222 0212 3456 7890 128") == "6222 **** **** 0128"

    @given(st.text("0123456789X", min_size=1, max_size=30))
    def test_hides_a_third_of_any_number(self, number):
        for mask in (mask_id_no, mask_phone):
            assert mask(number).count("*") * 3 >= len(number)
            assert len(mask(number)) == len(number)
        assert "*" in mask_card(number)

    def test_empty_stays_empty(self):
        for mask in (mask_id_no, mask_phone, mask_card):
            assert mask("") == ""

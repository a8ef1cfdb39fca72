from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection, models
from django.test import override_settings

import pytest

from lending_crm.common.crypto import EncryptedTextField, blind_index, decrypt, encrypt


class TestEncryptText:
    def test_comes_back_and_differs_each_time(self):
        first, second = encrypt("21010219900307001X"), encrypt("21010219900307001X")
        assert first != second
        assert "2101" not in first
        assert decrypt(first) == decrypt(second) == "21010219900307001X"

    def test_reads_with_the_old_secret_after_rotation(self):
        with override_settings(FIELD_ENCRYPTION_KEY="old"):
            stored, index = encrypt("甲"), blind_index("甲")
        with override_settings(FIELD_ENCRYPTION_KEY="new, old"):
            assert decrypt(stored) == "甲"
            assert blind_index("甲") == index
            renewed = encrypt("甲")
        with override_settings(FIELD_ENCRYPTION_KEY="new"):
            assert decrypt(renewed) == "甲"
            with pytest.raises(ImproperlyConfigured):
                decrypt(stored)

    def test_notices_tampering(self):
        stored = encrypt("1000")
        changed = stored[:-10] + ("A" if stored[-10] != "A" else "B") + stored[-9:]
        with pytest.raises(ImproperlyConfigured):
            decrypt(changed)

    @override_settings(FIELD_ENCRYPTION_KEY=" , ")
    def test_needs_a_secret(self):
        with pytest.raises(ImproperlyConfigured):
            encrypt("x")


class TestBlindIndex:
    def test_is_equal_for_equal_values_only(self):
        assert blind_index("1") == blind_index("1")
        assert blind_index("1") != blind_index("2")
        assert len(blind_index("1")) == 64


class TestEncryptedTextField:
    field = EncryptedTextField()

    def test_stores_ciphertext_and_shows_plain_text(self):
        stored = self.field.get_db_prep_save("6222020012340128", connection)
        assert "6222" not in stored
        assert self.field.from_db_value(stored, None, connection) == "6222020012340128"

    def test_leaves_empty_values_alone(self):
        for empty in ("", None):
            assert self.field.get_db_prep_save(empty, connection) == empty
            assert self.field.from_db_value(empty, None, connection) == empty

    def test_refuses_to_be_searched(self):
        class Card(models.Model):
            number = EncryptedTextField()

            class Meta:
                app_label = "common_test"

        with pytest.raises(FieldError):
            Card.objects.filter(number="1")
        assert Card.objects.filter(number__isnull=True).query

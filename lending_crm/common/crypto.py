"""Sensitive numbers at rest: encrypted columns and the blind index that finds them.

``FIELD_ENCRYPTION_KEY`` holds one secret or several, separated by commas. The first
encrypts, all of them decrypt, so a new secret is put in front. The blind index is
keyed by the last one: dropping that secret means computing every index anew.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def _secrets(setting: str) -> list[str]:
    found = [secret.strip() for secret in setting.split(",") if secret.strip()]
    if not found:
        raise ImproperlyConfigured("FIELD_ENCRYPTION_KEY is empty; set a long random secret.")
    return found


def _derive(secret: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret.encode())


@lru_cache(maxsize=4)
def _cipher(setting: str) -> MultiFernet:
    return MultiFernet(
        Fernet(base64.urlsafe_b64encode(_derive(secret, b"lending-crm column encryption")))
        for secret in _secrets(setting)
    )


@lru_cache(maxsize=4)
def _index_key(setting: str) -> bytes:
    return _derive(_secrets(setting)[-1], b"lending-crm blind index")


def encrypt(plain: str) -> str:
    """Authenticated ciphertext as ASCII text; differs each time."""
    return _cipher(settings.FIELD_ENCRYPTION_KEY).encrypt(plain.encode()).decode("ascii")


def decrypt(stored: str) -> str:
    """The plain text; raises ``ImproperlyConfigured`` when no configured secret fits."""
    try:
        return _cipher(settings.FIELD_ENCRYPTION_KEY).decrypt(stored.encode()).decode()
    except InvalidToken:
        raise ImproperlyConfigured(
            "A stored value cannot be decrypted: FIELD_ENCRYPTION_KEY lacks the secret it was "
            "written with, or the value was tampered with."
        ) from None


def blind_index(value: str) -> str:
    """64 hex digits, equal for equal values and telling nothing without the secret.

    Pass the normal form of the number (as the checks in ``identity`` return it).
    """
    key = _index_key(settings.FIELD_ENCRYPTION_KEY)
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()


class EncryptedTextField(models.TextField):
    """Text that is plain in Python and ciphertext in the database; empty stays empty.

    It cannot be searched or sorted (equal values have different ciphertexts): keep a
    ``blind_index`` beside it for look-ups and unique constraints.
    """

    def get_prep_value(self, value: Any) -> Any:
        plain = super().get_prep_value(value)
        return encrypt(plain) if plain else plain

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return decrypt(value) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None

"""E-mail on a machine without a mail server: letters become files that one can open."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage


class FileBackend(BaseEmailBackend):
    """Writes each letter to ``EMAIL_FILE_PATH`` under the name of its Message-ID.

    The name is the identity: a letter that is sent again after a dead worker replaces
    itself, so there is never a second one.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.EMAIL_FILE_PATH)  # type: ignore[misc]
        folder.mkdir(parents=True, exist_ok=True)
        for letter in email_messages:
            message = letter.message()
            name = re.sub(r"[^A-Za-z0-9@.-]", "_", message["Message-ID"].strip("<>"))
            target = folder / f"{name}.eml"
            draft = target.with_suffix(f".{os.getpid()}.part")
            draft.write_bytes(message.as_bytes())
            draft.replace(target)
        return len(email_messages)

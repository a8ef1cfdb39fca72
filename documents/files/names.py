"""File names as people gave them, made safe to store, show and send back."""

from __future__ import annotations

from pathlib import PurePosixPath

from lending_crm.common.text import clean_line

#: What Linux file systems and the database column take; a Chinese character counts three.
MAX_NAME_BYTES = 255
_FORBIDDEN = str.maketrans(dict.fromkeys('<>:"|?*', "_"))


def clean_file_name(name: str) -> str:
    """The last part of ``name``, without paths, control characters and direction marks.

    ``..\\..\\evil.pdf`` becomes ``evil.pdf``; a name made to look like another by a
    right-to-left override shows its true letters; a long one keeps its extension.
    """
    last = clean_line(name.replace("\\", "/")).rsplit("/", 1)[-1].translate(_FORBIDDEN).strip(". ")
    stem, extension = PurePosixPath(last).stem, PurePosixPath(last).suffix.lower()
    room = MAX_NAME_BYTES - len(extension.encode())
    stem = stem.encode()[: max(room, 0)].decode(errors="ignore").rstrip(". ")
    return f"{stem or 'file'}{extension}"[:MAX_NAME_BYTES]


def extension_of(name: str) -> str:
    """The extension in lower case without its dot; empty when there is none."""
    return PurePosixPath(name).suffix.removeprefix(".").lower()


def title_from(name: str, *, length: int) -> str:
    """The title that is proposed for a file: its name without the extension."""
    return PurePosixPath(clean_file_name(name)).stem[:length]

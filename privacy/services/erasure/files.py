"""Personal files: their bytes go, their rows and hashes stay for the history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import models

from documents.files.storage import path_of
from documents.models import DownloadLog, StoredFile
from privacy.models import Anonymisation, ErasedFile
from privacy.services.erasure.subject import Subject
from privacy.services.erasure.tables import reached_tables, rows_of


def own_files(subject: Subject) -> dict[int, int]:
    """The files that only rows about the subject use, each with how many uses it has."""
    own: dict[int, int] = {}
    for model, key in _users():
        if model in reached_tables():
            rows = rows_of(model, subject).exclude(**{key: None})
            for file in rows.values_list(key, flat=True):
                own[file] = own.get(file, 0) + 1
    return {file: uses for file, uses in sorted(own.items()) if _uses_of(file) == uses}


def book_files(files: Mapping[int, int], act: Anonymisation) -> None:
    """Their bytes go after the commit (``erase_booked_files``)."""
    ErasedFile.objects.bulk_create(
        ErasedFile(file_id=file, act=act, uses=uses) for file, uses in files.items()
    )


def erase_booked_files(*, now: datetime) -> int:
    """Remove the bytes of every booked file; a run that died is made good by the next one.

    Content that somebody has attached anew meanwhile stays. Returns how many files went.
    """
    gone = 0
    waiting = ErasedFile.objects.filter(erased_at=None, is_kept=False).select_related("file")
    for each in waiting.iterator():
        if _uses_of(each.file_id) > each.uses:
            ErasedFile.objects.filter(pk=each.pk).update(is_kept=True)
            continue
        path_of(each.file.sha256).unlink(missing_ok=True)
        ErasedFile.objects.filter(pk=each.pk).update(erased_at=now)
        gone += 1
    return gone


def _users() -> Iterator[tuple[Any, str]]:
    """Every foreign key to a stored file; that one was handed out is no use of it."""
    for model in apps.get_models():
        if model in (DownloadLog, ErasedFile):
            continue
        for field in model._meta.local_fields:
            if isinstance(field, models.ForeignKey) and field.related_model is StoredFile:
                yield model, field.name


def _uses_of(file_id: int) -> int:
    return sum(model._base_manager.filter(**{key: file_id}).count() for model, key in _users())

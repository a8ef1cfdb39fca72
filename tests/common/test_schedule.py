"""The timetable of beat names tasks that exist."""

from __future__ import annotations

from django.conf import settings

import pytest

from lending_crm.celery import app


class TestBeatSchedule:
    @pytest.mark.parametrize("name", settings.CELERY_BEAT_SCHEDULE)
    def test_names_a_task_that_a_worker_knows(self, name: str) -> None:
        app.loader.import_default_modules()

        assert settings.CELERY_BEAT_SCHEDULE[name]["task"] in app.tasks

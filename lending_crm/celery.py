"""The worker's application: tasks of every app, and the timers of `CELERY_BEAT_SCHEDULE`."""

import os
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import beat_init, task_prerun, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lending_crm.settings.production")

app = Celery("lending_crm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def make_broker_folders(**_signal: Any) -> None:
    """The file-system broker of a machine without a broker server wants its folders made."""
    options = app.conf.broker_transport_options
    for name in ("data_folder_in", "control_folder"):
        if name in options:
            Path(options[name]).mkdir(parents=True, exist_ok=True)


@task_prerun.connect
def read_dictionary(**_signal: Any) -> None:
    """What a task writes for people is worded as the administrator keeps it now."""
    from lending_crm.common.dictionary import read_words_when_old

    read_words_when_old()

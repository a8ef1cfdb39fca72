"""The broker of a machine without a broker server: a reader meets whole messages only."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection
from kombu.exceptions import ChannelError

from lending_crm.celery import app
from lending_crm.common.file_broker import Channel, Transport

MESSAGES = 400


@pytest.fixture
def channel(tmp_path: Path) -> Iterator[Channel]:
    for name in ("messages", "control"):
        (tmp_path / name).mkdir()
    options = {
        "data_folder_in": str(tmp_path / "messages"),
        "data_folder_out": str(tmp_path / "messages"),
        "control_folder": str(tmp_path / "control"),
    }
    with Connection(transport=Transport, transport_options=options) as connection:
        yield connection.channel()


def test_the_worker_uses_it() -> None:
    assert app.connection_for_read().transport_cls == "lending_crm.common.file_broker:Transport"


def test_a_reader_beside_the_writer_gets_every_message(channel: Channel) -> None:
    def write() -> None:
        for number in range(MESSAGES):
            channel._put("celery", {"number": number, "padding": "x" * 20_000})

    writer = threading.Thread(target=write)
    writer.start()
    found: set[int] = set()
    while len(found) < MESSAGES:
        try:
            found.add(channel._get("celery")["number"])
        except Empty:
            if not writer.is_alive() and not list(Path(channel.data_folder_in).iterdir()):
                break
    writer.join()
    assert found == set(range(MESSAGES))


def test_nothing_lies_in_the_folder_before_it_is_whole(channel: Channel) -> None:
    class Witness:
        def __json__(self) -> int:
            return len(list(Path(channel.data_folder_in).iterdir()))

    channel._put("celery", {"lay_there": Witness()})
    assert channel._get("celery") == {"lay_there": 0}


def test_a_full_disk_leaves_no_half_message(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(draft: Path, data: bytes) -> int:
        with draft.open("wb") as file:
            file.write(data[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ChannelError):
        channel._put("celery", {"number": 1})
    assert list(Path(channel.data_folder_in).iterdir()) == []
    assert list(channel.control_folder.iterdir()) == []

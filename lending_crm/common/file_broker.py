"""The file-system broker, with messages that appear whole.

kombu's transport creates a message's file and then fills it. A worker that lists the folder in
between takes the empty file, cannot read it and ends.
"""

from __future__ import annotations

from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.encoding import str_to_bytes
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Write beside the folder, then move in; raises ChannelError when the disk refuses."""
        name = f"{round(monotonic() * 1000)}_{uuid4()}.{queue}.msg"
        draft = self.control_folder / name
        try:
            draft.write_bytes(str_to_bytes(dumps(payload)))
            draft.replace(Path(self.data_folder_out) / name)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise ChannelError(f"Cannot put a message into {self.data_folder_out}") from error


class Transport(filesystem.Transport):
    Channel = Channel

"""What a page says to its kernel and hears from it, so that no message can keep the server busy."""

from __future__ import annotations

import struct
from typing import Any

from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

_NEWEST = "v1.kernel.websocket.jupyter.org"


class VisitorSocket(VoilaKernelWebsocketHandler):
    """Voilà's socket, which believes what a binary message says of its own parts."""

    def on_message(self, message: str | bytes) -> None:
        """Pass a message on to the kernel, unless it claims parts that are not in it."""
        if isinstance(message, bytes) and not _is_sound(message, self.selected_subprotocol):
            self.log.warning("A message that is not whole was refused.")
            self.close(1003)
            return
        super().on_message(message)

    def write_message(self, message: Any, binary: bool = False) -> Any:
        """Pass a message on to the page."""
        if isinstance(message, bytes) and self.selected_subprotocol != _NEWEST:
            # Voilà would read it by a protocol that was not agreed upon, and not come to an end.
            return super(VoilaKernelWebsocketHandler, self).write_message(message, binary)
        return super().write_message(message, binary)


def _is_sound(message: bytes, protocol: str | None) -> bool:
    """Whether the table of parts with which a binary message begins fits into it.

    As jupyter_server reads them: by the newest protocol numbers of 8 bytes, by the older of 4.
    """
    if protocol == _NEWEST:
        number, width = int.from_bytes(message[:8], "little"), 8
    elif len(message) < 4:
        return False
    else:
        (number,), width = struct.unpack("!i", message[:4]), 4
    return number > 0 and width * (number + 1) <= len(message)

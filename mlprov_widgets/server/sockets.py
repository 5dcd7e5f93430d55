"""What a page says to its kernel and hears from it, so that no message can keep the server busy."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any, Literal

import tornado.web
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler

_NEWEST = "v1.kernel.websocket.jupyter.org"
# All that a page with widgets has to say; models are made by the kernel alone.
_TYPES = {"comm_open", "comm_msg", "comm_close", "comm_info_request", "kernel_info_request"}
_CHANNELS = {"shell", "control"}
_TARGET = "jupyter.widget.control"
_MOST_PARTS = 64
_MOST_SOCKETS = 4
# What may wait for a page that does not read, in bytes.
_MOST_WAITING = 64 * 10**6


class VisitorConnection(ZMQChannelsWebsocketConnection):
    """A page's connection to its kernel; the usual one believes what a message says of itself."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._waiting = 0

    async def prepare(self) -> None:
        """Get ready, if the kernel has not many connections already."""
        if self.multi_kernel_manager._kernel_connections.get(self.kernel_id, 0) >= _MOST_SOCKETS:
            raise tornado.web.HTTPError(429)
        await super().prepare()

    def handle_incoming_message(self, incoming_msg: Any) -> None:
        """Pass a message on to the kernel, if it is one that a page with widgets sends."""
        try:
            allowed = _is_allowed(*_parts(incoming_msg, self.subprotocol))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            self.websocket_handler.close(1003)
            return
        if allowed:
            super().handle_incoming_message(incoming_msg)

    @property
    def write_message(self) -> Callable[..., Any]:
        """Passes a message on to the page, unless it has long read nothing."""
        return self._write

    def _write(self, message: Any, binary: bool = False) -> Any:
        handler = self.websocket_handler
        stream = getattr(handler.ws_connection, "stream", None)
        if self._waiting > _MOST_WAITING and stream is not None:
            self.log.warning("A page that does not read was closed.")
            stream.close()
            return None
        if isinstance(message, bytes) and self.subprotocol != _NEWEST:
            # Voilà would read it by a protocol that was not agreed upon, and not come to an end.
            written = KernelWebsocketHandler.write_message(handler, message, binary)
        else:
            written = handler.write_message(message, binary)
        if written is not None:
            size = len(message) if isinstance(message, str | bytes) else 0
            self._waiting += size
            written.add_done_callback(lambda _: self._read(size))
        return written

    def _read(self, size: int) -> None:
        self._waiting -= size


def _parts(message: str | bytes, protocol: str | None) -> tuple[Any, Any, Any]:
    """Channel, header and content of a message, as jupyter_server would read it.

    Raises
    ------
    ValueError
        If it claims parts that are not in it, or is no message.
    """
    if protocol == _NEWEST:
        if not isinstance(message, bytes):
            raise ValueError("it is text")
        parts = _split(message, 8)
        return parts[0].decode(), json.loads(parts[1]), json.loads(parts[4])
    whole = json.loads(_split(message, 4)[0] if isinstance(message, bytes) else message)
    return whole.get("channel"), whole["header"], whole["content"]


def _split(message: bytes, width: int) -> list[bytes]:
    """The parts of a binary message, after a table of numbers of so many bytes."""
    order: Literal["little", "big"] = "little" if width == 8 else "big"
    number = int.from_bytes(message[:width], order)
    if not 0 < number <= _MOST_PARTS or width * (number + 1) > len(message):
        raise ValueError("its table of parts does not fit")
    table = message[width : width * (number + 1)]
    starts = range(0, len(table), width)
    offsets = [int.from_bytes(table[at : at + width], order) for at in starts]
    if width == 4:
        offsets.append(len(message))
    # Parts that overlap would be copied as often as they are named.
    ordered = [width * (number + 1), *offsets, len(message)]
    if ordered != sorted(ordered):
        raise ValueError("its parts overlap")
    return [message[start:end] for start, end in itertools.pairwise(offsets)]


def _is_allowed(channel: Any, header: Any, content: Any) -> bool:
    if channel not in _CHANNELS or header["msg_type"] not in _TYPES:
        return False
    return bool(header["msg_type"] != "comm_open" or content.get("target_name") == _TARGET)

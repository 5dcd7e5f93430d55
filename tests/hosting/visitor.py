"""A visitor of a hosted page who speaks to its kernel without a browser: all that a page could."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import struct
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.watchdog import WATCHDOG

WIDGETS = "jupyter.widget"
_KERNEL = re.compile(r'"kernelId":\s*"([0-9a-f-]{36})"')


def _page(url: str) -> str:
    """The page; where all places are taken, it is asked for again, as a browser does."""
    end = time.monotonic() + WATCHDOG
    while True:
        try:
            with urllib.request.urlopen(f"{url}/", timeout=WATCHDOG) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                if error.code != 503 or time.monotonic() > end:
                    raise
        time.sleep(0.5)


class Visitor:
    """A page that was opened, and the widgets that its kernel has.

    Parameters
    ----------
    url : str
        Address of the page.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self.html = _page(self.url)
        found = _KERNEL.search(self.html)
        assert found, self.html[-2000:]
        self.kernel = found[1]
        self.session = uuid.uuid4().hex
        self.states: dict[str, dict[str, Any]] = {}
        self.files: list[tuple[str, bytes]] = []
        self.said: list[dict[str, Any]] = []
        self.heard: list[Any] = []
        self._control = uuid.uuid4().hex
        self._socket: ClientConnection | None = None
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Visitor:
        self._socket = self._open.enter_context(self.another(session=self.session))
        target = {"comm_id": self._control, "target_name": f"{WIDGETS}.control", "data": {}}
        self.send("comm_open", target, version="1.0.0")
        self.refresh()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def another(self, protocol: str | None = None, session: str = "") -> ClientConnection:
        """One more connection to the kernel."""
        address = self.url.replace("http", "ws", 1)
        session = session or uuid.uuid4().hex
        return connect(
            f"{address}/api/kernels/{self.kernel}/channels?session_id={session}",
            max_size=2**28,
            open_timeout=WATCHDOG,
            subprotocols=[protocol] if protocol else None,  # type: ignore[list-item]
        )

    # -- messages -----------------------------------------------------------------------------

    def send(self, kind: str, content: Any, buffers: tuple[bytes, ...] = (), channel: str = "shell",
             **metadata: Any) -> None:  # fmt: skip
        """Send a message as a page would."""
        header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "session": self.session,
                  "username": "", "version": "5.3", "date": "2026-01-01T00:00:00Z"}  # fmt: skip
        message = {"header": header, "parent_header": {}, "metadata": metadata, "content": content,
                   "channel": channel}  # fmt: skip
        assert self._socket is not None
        text = json.dumps(message)
        if not buffers:
            self._socket.send(text)
            return
        parts = [text.encode(), *buffers]
        offsets = [4 * (len(parts) + 1)]
        for part in parts[:-1]:
            offsets.append(offsets[-1] + len(part))
        self._socket.send(
            struct.pack(f"!{len(parts) + 1}I", len(parts), *offsets) + b"".join(parts)
        )

    def comm(self, model: str, data: Any, buffers: tuple[bytes, ...] = ()) -> None:
        """Send something to a widget."""
        self.send("comm_msg", {"comm_id": model, "data": data}, buffers)

    def receive(self, timeout: float) -> dict[str, Any] | None:
        """Take the next message, and what it changes; None where none comes in time."""
        assert self._socket is not None
        try:
            raw = self._socket.recv(timeout=timeout)
        except TimeoutError:
            return None
        buffers: list[bytes] = []
        if isinstance(raw, bytes):
            (count,) = struct.unpack("!I", raw[:4])
            offsets = [*struct.unpack(f"!{count}I", raw[4 : 4 * (count + 1)]), len(raw)]
            raw, *buffers = (raw[a:b] for a, b in itertools.pairwise(offsets))
        message: dict[str, Any] = json.loads(raw)
        if message["msg_type"] not in ("comm_open", "comm_msg", "status"):
            self.heard.append(message)
        elif message["msg_type"] == "comm_msg" and message["content"]["data"].get("content"):
            self.heard.append(message["content"]["data"]["content"])
        self._take(message["msg_type"], message["content"], buffers)
        return message

    def _take(self, kind: str, content: dict[str, Any], buffers: list[bytes]) -> None:
        if kind == "comm_open":
            self.states[content["comm_id"]] = dict(content["data"].get("state", {}))
        elif kind == "comm_msg":
            data = content["data"]
            if data.get("method") == "update":
                self.states.setdefault(content["comm_id"], {}).update(data["state"])
            elif data.get("method") == "update_states":
                for model, one in data["states"].items():
                    self.states[model] = dict(one["state"])
            elif data.get("method") == "custom":
                self.said.append(data["content"])
                if data["content"].get("kind") == "file":
                    self.files.append((data["content"]["name"], b"".join(buffers)))

    def refresh(self) -> None:
        """Ask for the state of all widgets, and wait for it."""
        self.comm(self._control, {"method": "request_states"})
        end = time.monotonic() + WATCHDOG
        while time.monotonic() < end:
            message = self.receive(5)
            content = message["content"] if message else {}
            if content.get("data", {}).get("method") == "update_states":
                return
        raise TimeoutError("the kernel gave no states")

    def until(self, true: Callable[[], Any]) -> Any:
        """Take messages until something is so, and give it."""
        end = time.monotonic() + WATCHDOG
        while time.monotonic() < end:
            found = true()
            if found:
                return found
            self.receive(0.2)
        raise TimeoutError(self.text()[-3000:])

    # -- what a person would do ---------------------------------------------------------------

    def text(self) -> str:
        """All that the widgets say, in any order."""
        return json.dumps(self.states, ensure_ascii=False)

    def models(self, **traits: Any) -> list[str]:
        """The widgets with these traits."""
        return [
            model
            for model, state in self.states.items()
            if all(state.get(name) == value for name, value in traits.items())
        ]

    def button(self, words: str) -> str:
        """The newest button with these words."""
        return self.models(_model_name="ButtonModel", description=words)[-1]

    def click(self, words: str) -> None:
        """Press a button."""
        self.comm(self.button(words), {"method": "custom", "content": {"event": "click"}})

    def set(self, model: str, **traits: Any) -> None:
        """Change what a widget shows."""
        self.comm(model, {"method": "update", "state": traits, "buffer_paths": []})

    def field(self, label: str) -> str:
        """The newest control with this label."""
        return self.models(description=label)[-1]

    def upload(self, label: str, name: str, content: bytes) -> dict[str, Any]:
        """Give a file to an upload button, and take what is said of it."""
        model = next(reversed(self.models(label=label)))
        before = len(self.said)
        self.comm(model, {"method": "custom", "content": {"kind": "begin", "name": name,
                                                           "size": len(content)}})  # fmt: skip
        for start in range(0, len(content), 2**20):
            data = {"method": "custom", "content": {"kind": "piece"}}
            self.comm(model, data, (content[start : start + 2**20],))
        self.until(
            lambda: any(one.get("kind") in ("done", "refused") for one in self.said[before:])
        )
        return next(one for one in self.said[before:] if one["kind"] in ("done", "refused"))

    def download(self, label: str = "Download") -> tuple[str, bytes]:
        """Ask for a file, and take it."""
        model = self.models(label=label)[-1]
        before = len(self.files)
        self.comm(model, {"method": "custom", "content": {"kind": "wanted"}})
        self.until(lambda: len(self.files) > before)
        return self.files[-1]

    def generate(self) -> None:
        """Go from the first page to a notebook."""
        self.until(lambda: self.models(_model_name="ButtonModel", description="Next"))
        model = self.button("Next")
        for _ in range(12):
            if self.states[model]["description"] == "Generate":
                break
            words = self.text()
            self.comm(model, {"method": "custom", "content": {"event": "click"}})
            self.until(lambda words=words: self.text() != words)
            self.quiet()
        self.comm(model, {"method": "custom", "content": {"event": "click"}})
        self.until(lambda: "Notebook written" in self.text())
        self.quiet()

    def quiet(self) -> None:
        """Take messages until none comes for a moment."""
        while self.receive(0.3) is not None:
            pass


@contextlib.contextmanager
def visiting(url: str) -> Iterator[Visitor]:
    with Visitor(url) as visitor:
        yield visitor

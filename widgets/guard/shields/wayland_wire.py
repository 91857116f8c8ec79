"""Just enough of Wayland's wire format to find one global of the compositor and send it requests."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QSocketNotifier

_DISPLAY, _REGISTRY, _CALLBACK, _OBJECT = 1, 2, 3, 4


def socket_path() -> Path | None:
    """Where the compositor listens, by the environment; None without Wayland."""
    name = os.environ.get("WAYLAND_DISPLAY", "")
    if not name:
        return None
    return Path(os.environ.get("XDG_RUNTIME_DIR", "")) / name


def request(target: int, opcode: int, body: bytes = b"") -> bytes:
    """A request: object id, then size and opcode in one word, then the arguments."""
    return struct.pack("=II", target, (8 + len(body)) << 16 | opcode) + body


def string(text: str) -> bytes:
    """A string argument: length with the closing zero, padded to four bytes."""
    data = text.encode() + b"\0"
    return struct.pack("=I", len(data)) + data + b"\0" * (-len(data) % 4)


class WaylandGlobal(QObject):
    """A connection of its own that binds the global `interface` (version 1), without waiting.

    `found(bool)` is called once: whether the compositor has it. `lost()` when the compositor goes.
    """

    def __init__(
        self, path: Path, interface: str, found: Callable[[bool], None], lost: Callable[[], None]
    ) -> None:
        super().__init__()
        self._interface = interface
        self._found = found
        self._lost = lost
        self._buffer = b""
        self.is_bound = False
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(1.0)
        try:
            self._socket.connect(str(path))
        except OSError:
            self._socket.close()
            raise
        self._socket.setblocking(False)
        self._notifier = QSocketNotifier(self._socket.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._read)
        # wl_display.get_registry, then wl_display.sync: its answer comes after all globals.
        self._send(request(_DISPLAY, 1, struct.pack("=I", _REGISTRY)))
        self._send(request(_DISPLAY, 0, struct.pack("=I", _CALLBACK)))

    def call(self, opcode: int, body: bytes) -> bool:
        """Send a request to the bound object; False when there is none (any more)."""
        return self.is_bound and self._send(request(_OBJECT, opcode, body))

    def close(self) -> None:
        """End the connection; neither callback is called afterwards."""
        self.is_bound = False
        self._notifier.setEnabled(False)
        self._found = self._lost = lambda *_: None
        self._socket.close()

    def _send(self, data: bytes) -> bool:
        try:
            self._socket.sendall(data)
        except OSError:
            return False
        return True

    def _read(self) -> None:
        try:
            chunk = self._socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            chunk = b""
        if not chunk:
            lost = self._lost
            self.close()
            lost()
            return
        self._buffer += chunk
        while len(self._buffer) >= 8:
            sender, word = struct.unpack_from("=II", self._buffer)
            size = word >> 16
            if size < 8 or len(self._buffer) < size:
                break
            body, self._buffer = self._buffer[8:size], self._buffer[size:]
            self._event(sender, word & 0xFFFF, body)

    def _event(self, sender: int, opcode: int, body: bytes) -> None:
        if sender == _REGISTRY and opcode == 0:
            number, length = struct.unpack_from("=II", body)
            name = body[8 : 8 + length - 1].decode("utf-8", "replace")
            if name == self._interface and not self.is_bound:
                bind = struct.pack("=I", number) + string(name) + struct.pack("=II", 1, _OBJECT)
                self.is_bound = self._send(request(_REGISTRY, 0, bind))
        elif sender == _CALLBACK and opcode == 0:
            self._found(self.is_bound)

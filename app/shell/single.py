"""One window per profile: a second start wakes the first and ends."""

from __future__ import annotations

import hashlib
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, QStandardPaths, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

WAIT_MS = 1500
MAX_MESSAGE = 256 * 1024
"""Bytes; fifty paths of the longest kind fit."""


def socket_name(folder: Path) -> str:
    """Name of the profile's local socket: the same for every start with this data folder, short enough for X/Open."""
    digest = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:20]
    name = f"zhengding-{digest}"
    runtime = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.RuntimeLocation)
    if not runtime or len(runtime) > 70:
        return name
    return str(Path(runtime) / name)


class SingleInstance(QObject):
    """`claim` says whether this process is the first. The first emits `woken` when another start asks for it."""

    woken = Signal(str)

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        folder.mkdir(parents=True, exist_ok=True)
        self._name = socket_name(folder)
        self._lock = QLockFile(str(folder / "client.lock"))
        # A crash leaves the file; Qt checks the process it names, so age alone must not break it.
        self._lock.setStaleLockTime(0)
        self._server: QLocalServer | None = None
        self._callers: list[QLocalSocket] = []

    def claim(self, message: str = "activate") -> bool:
        """Become the profile's only client, or hand `message` to the one that runs and return False."""
        if not self._lock.tryLock(0):
            self._wake(message)
            return False
        QLocalServer.removeServer(self._name)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._accept)
        self._server.listen(self._name)
        return True

    def release(self) -> None:
        """Let the next start be the first."""
        if self._server is not None:
            self._server.close()
            self._server.deleteLater()
            self._server = None
            self._callers.clear()
        self._lock.unlock()

    def _wake(self, message: str) -> None:
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if socket.waitForConnected(WAIT_MS):
            socket.write(message.encode()[:MAX_MESSAGE])
            while socket.bytesToWrite() and socket.waitForBytesWritten(WAIT_MS):
                continue
            socket.disconnectFromServer()

    def _accept(self) -> None:
        while self._server is not None and self._server.hasPendingConnections():
            socket = self._server.nextPendingConnection()
            self._callers.append(socket)
            socket.disconnected.connect(self._hang_up)
        self._hang_up()

    def _hang_up(self) -> None:
        """Hear out the callers that have said everything."""
        done = [one for one in self._callers if one.state() == QLocalSocket.LocalSocketState.UnconnectedState]
        for socket in done:
            self._callers.remove(socket)
            text = bytes(socket.read(MAX_MESSAGE).data()).decode(errors="replace")
            socket.deleteLater()
            if text:
                self.woken.emit(text)

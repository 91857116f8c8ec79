"""ejabberd and prosody as peers in benchmarks: one private server each, and a lean client of their group chat."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from bed.processes import start

ROOM = "g@conference.localhost"

_PROSODY = """
daemonize = false
pidfile = "{folder}/prosody.pid"
data_path = "{folder}"
log = {{ {{ levels = {{ min = "error" }}, to = "file", filename = "{folder}/prosody.log" }} }}
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {port} }}
c2s_require_encryption = false
s2s_ports = {{ }}
modules_enabled = {{ "saslauth", "disco" }}
modules_disabled = {{ "s2s", "tls", "offline" }}
VirtualHost "localhost"
  authentication = "anonymous"
Component "conference.localhost" "muc"
  muc_room_default_presence_broadcast = {{ visitor = false, participant = false, moderator = false }}
  muc_room_default_history_length = 0
"""

_EJABBERD = """
hosts: [localhost]
loglevel: error
auth_method: [anonymous]
anonymous_protocol: sasl_anon
allow_multiple_connections: true
listen:
  - port: {port}
    ip: "127.0.0.1"
    module: ejabberd_c2s
    max_stanza_size: 262144
    starttls: false
access_rules:
  everybody:
    allow: all
modules:
  mod_disco: {{}}
  mod_muc:
    host: conference.localhost
    access: all
    access_create: all
    max_users: 5000
    history_size: 0
    min_message_interval: 0
    min_presence_interval: 0
    user_message_shaper: none
    default_room_options:
      presence_broadcast: []
      anonymous: true
      max_users: 5000
"""


def server(name: str, folder: Path, port: int, cpu: int) -> subprocess.Popen[bytes] | None:
    """Start `ejabberd` or `prosody` with all data in `folder` on core `cpu`; None where it is not installed."""
    folder.mkdir(parents=True, exist_ok=True)
    pin = ["taskset", "-c", str(cpu)]
    owner = name if os.geteuid() == 0 else None
    if owner is not None:
        shutil.chown(folder, owner, owner)
        # Both refuse to serve as root; their own account must reach the folder.
        folder.parent.chmod(0o755)
    if name == "prosody":
        program = shutil.which("prosody")
        if program is None:
            return None
        settings = folder / "settings.cfg.lua"
        settings.write_text(_PROSODY.format(folder=folder, port=port))
        return start([*pin, program, "-F", "--config", settings], user=owner, cwd=folder)
    program, libraries = shutil.which("erl"), _ejabberd_libraries()
    if program is None or libraries is None:
        return None
    settings = folder / "settings.yml"
    settings.write_text(_EJABBERD.format(port=port))
    environment = os.environ | {
        "ERL_LIBS": str(libraries),
        "EJABBERD_CONFIG_PATH": str(settings),
        "EJABBERD_LOG_PATH": str(folder / "ejabberd.log"),
        "HOME": str(folder),
    }
    # Without a node name no port mapper is started that would stay behind.
    command = [
        *pin,
        program,
        "-noshell",
        "-noinput",
        "-mnesia",
        "dir",
        f'"{folder}/mnesia"',
        "-s",
        "ejabberd",
    ]
    return start(command, env=environment, user=owner, cwd=folder)


def _ejabberd_libraries() -> Path | None:
    for folder in sorted(Path("/usr/lib").glob("*/ejabberd-*")):
        if (folder / "ebin").is_dir():
            return folder.parent
    return None


class Occupant(asyncio.Protocol):
    """A client that signs in anonymously, enters the room, and reports how many messages each piece of data holds."""

    def __init__(self, nick: str, room: str, got: Callable[[int], None]) -> None:
        self.nick, self.room, self._got = nick, room, got
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport | None = None
        self._tail = b""
        self._steps = [
            (
                b"</stream:features>",
                b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>",
            ),
            (b"<success", _OPEN),
            (
                b"</stream:features>",
                b"<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
            ),
            (b"</jid>", self._enter()),
            (b"<subject", b""),
        ]

    def _enter(self) -> bytes:
        return (
            f"<presence to='{self.room}/{self.nick}'><x xmlns='http://jabber.org/protocol/muc'>"
            "<history maxstanzas='0'/></x></presence>"
        ).encode()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        self.transport.write(_OPEN)  # type: ignore[union-attr]

    def data_received(self, data: bytes) -> None:
        data = self._tail + data
        if not self.ready.done():
            self._tail = self._sign_in(data)
            return
        found = data.count(b"</message>")
        self._tail = data[-9:] if not data.endswith(b"</message>") else b""
        if found:
            self._got(found)

    def _sign_in(self, data: bytes) -> bytes:
        while self._steps and self._steps[0][0] in data:
            mark, answer = self._steps.pop(0)
            data = data[data.index(mark) + len(mark) :]
            assert self.transport is not None
            self.transport.write(answer)
        if b"<failure" in data or b"stream:error" in data:
            self.ready.set_exception(ConnectionError(data[:300].decode("utf-8", "replace")))
        elif not self._steps:
            self.ready.set_result(None)
            return b""
        return data

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ready.done():
            self.ready.set_exception(exc or ConnectionError("lost"))


_OPEN = (
    b"<?xml version='1.0'?><stream:stream to='localhost' xmlns='jabber:client' "
    b"xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
)


def groupchat(room: str, body: str) -> bytes:
    """The bytes of a message to the room."""
    return f"<message type='groupchat' to='{room}'><body>{body}</body></message>".encode()


def instant_room(room: str) -> bytes:
    """The bytes that open a fresh room with its default settings."""
    return (
        f"<iq type='set' id='r' to='{room}'><query xmlns='http://jabber.org/protocol/muc#owner'>"
        "<x xmlns='jabber:x:data' type='submit'/></query></iq>"
    ).encode()

"""A real server process and real clients without windows: two colleagues on one machine."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.session.accounts import Accounts
from app.session.session import Session
from app.session.sign_in_result import SignInResult
from app.session.states import LinkState, SignInStep
from app.store.database import Reader
from app.store.folders import Home
from app.store.keyring_port import KeyringPort
from app.store.queries import messages
from app.store.records import MessageRow
from app.store.slots import Argon2Cost
from bed.office import PASSWORD, Office, fill
from bed.pages import plain_pages
from bed.ports import free_port
from bed.proxy import Proxy
from bed.ready_server import ReadyServer
from bed.world import ServerProcess
from server_stub.app import Server
from server_stub.config import Settings
from server_stub.contract.content import TextContent
from server_stub.contract.conversations import ConversationKind
from server_stub.hsm.master import FileMaster

QUICK = Argon2Cost(passes=1, memory_kib=8 * 1024, lanes=1)
"""Parameters for tests: the work is the same, only less of it."""


class MemoryPort:
    """A keyring in this process, as the client sees keyrings."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}

    async def get(self, name: str) -> str | None:
        return self.secrets.get(name)

    async def put(self, name: str, secret: str) -> None:
        self.secrets[name] = secret

    async def remove(self, name: str) -> None:
        self.secrets.pop(name, None)


async def make_office(folder: Path) -> None:
    """The people of `bed.office.fill`, on the disk, with nobody signed in."""
    server = await asyncio.to_thread(Server, Settings(data=folder))
    await server.start()
    await fill(Office(server, 0))
    await server.close()


@dataclass
class Duo:
    """The server in its own process, and whoever signs in."""

    folder: Path
    template: Path
    port: int = field(default_factory=free_port)
    server: ServerProcess | None = None
    keyring: KeyringPort = field(default_factory=MemoryPort)
    sessions: list[Session] = field(default_factory=list)
    arguments: tuple[str, ...] = ()
    via: int = 0
    """Port that clients use instead of the server's own (a proxy)."""
    ways: dict[str, Proxy] = field(default_factory=dict)
    """What stands between single people's clients and the server: see `way`."""

    @property
    def data(self) -> Path:
        """The server's data folder."""
        return self.folder / "server"

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"http://127.0.0.1:{self.via or self.port}"

    def url_of(self, who: str) -> str:
        """Where this person's client connects."""
        return f"http://127.0.0.1:{self.ways[who].port}" if who in self.ways else self.url

    def url_far_from(self, who: str) -> str:
        """Where somebody connects who shall not be served by the process that serves `who`, if there is another."""
        return self.url

    async def way(self, who: str) -> Proxy:
        """The proxy through which this person's client goes from its next sign-in on."""
        if who not in self.ways:
            self.ways[who] = Proxy(self.port)
            await self.ways[who].start()
        return self.ways[who]

    def settings(self) -> Settings:
        """Of the server, for whoever opens what it left."""
        return Settings(data=self.data)

    async def kept(self) -> bytes:
        """All that the database of the stopped server holds, without its encryption: also what was deleted and lies there still."""
        key = FileMaster(self.data / "keys" / "database.key").obtain(salt=b"", create=False)
        return await asyncio.to_thread(lambda: b"".join(plain_pages(self.data / "server.db", key)))

    async def start_server(self) -> None:
        """Start it, or start it again on the same port."""
        if not self.data.exists():
            await asyncio.to_thread(shutil.copytree, self.template, self.data)
        self.server = await asyncio.to_thread(
            ReadyServer, self.data, "--port", str(self.port), *self.arguments
        )

    async def kill_server(self) -> None:
        """End it as a power cut would."""
        assert self.server is not None
        await asyncio.to_thread(self.server.kill)
        self.server = None

    async def kill_some(self, _chance: int) -> None:
        """End, as a power cut would, one of the processes or all; here there is one."""
        await self.kill_server()

    async def vanish(self) -> None:
        """Nothing answers any more where clients connect."""
        await self.kill_server()
        for way in self.ways.values():
            await way.close()

    async def stop_server(self) -> None:
        """End it in good order."""
        if self.server is not None:
            await asyncio.to_thread(self.server.stop)
            self.server = None

    def accounts(self, who: str, keyring: KeyringPort | None = None) -> Accounts:
        """The accounts of a profile of one's own."""
        profile = Home(self.folder / "home").profile(who)
        return Accounts(profile, keyring or self.keyring, cost=QUICK, heartbeat=1.0)

    async def result(self, who: str, password: str = PASSWORD) -> SignInResult:
        """Sign in, whatever comes of it."""
        return await self.accounts(who).sign_in(self.url_of(who), who, password)

    async def sign_in(self, who: str) -> Session:
        """Sign in and wait until everything was received."""
        return await self.keep(await self.result(who))

    async def resume(self, who: str) -> Session:
        """Open what the profile remembers."""
        accounts = self.accounts(who)
        return await self.keep(await accounts.resume(accounts.entries()[0].key), online=False)

    async def keep(self, result: SignInResult, *, online: bool = True) -> Session:
        """The session of a good result; it is closed at the end."""
        assert result.step is SignInStep.SIGNED_IN, result
        assert result.session is not None
        self.sessions.append(result.session)
        if online:
            await until_online(result.session)
        return result.session

    async def close(self) -> None:
        """Close what is open."""
        for session in self.sessions:
            await session.close()
        await self.stop_server()
        for way in self.ways.values():
            await way.close()


@asynccontextmanager
async def running_duo(folder: Path, template: Path, *arguments: str) -> AsyncIterator[Duo]:
    """A started server; `arguments` for its command line."""
    duo = Duo(folder, template, arguments=arguments)
    try:
        await duo.start_server()
        yield duo
    finally:
        await duo.close()


async def until_online(session: Session, seconds: float = 20) -> None:
    """Wait until the link is up and everything was received."""
    done = asyncio.Event()

    def look(state: LinkState) -> None:
        if state is LinkState.ONLINE:
            done.set()

    subscription = session.link_changed.connect(look)
    look(session.link_state)
    try:
        async with asyncio.timeout(seconds):
            await done.wait()
    finally:
        subscription.close()


async def until(session: Session, condition: Callable[[Reader], object], seconds: float = 20) -> None:
    """Wait until the store says so; looked at after each committed change."""
    changed = asyncio.Event()
    subscription = session.store.changes.listen(lambda _change: changed.set())
    try:
        async with asyncio.timeout(seconds):
            while True:
                changed.clear()
                if await session.store.read(condition):
                    return
                await changed.wait()
    finally:
        subscription.close()


def texts(rows: list[MessageRow]) -> list[str]:
    """What text messages say."""
    return [row.content.text for row in rows if isinstance(row.content, TextContent)]


async def history(session: Session, conversation_id: str, limit: int = 2000) -> list[MessageRow]:
    """The newest acknowledged messages."""
    return await session.store.read(lambda db: messages.newest(db, conversation_id, limit))


async def until_count(session: Session, conversation_id: str, count: int, seconds: float = 30) -> None:
    """Wait for so many acknowledged messages, and none pending; says what is there when they do not come."""

    def found(db: Reader) -> tuple[int, int]:
        return len(messages.newest(db, conversation_id, 5000)), len(messages.pending(db, conversation_id))

    def enough(db: Reader) -> bool:
        there, waiting = found(db)
        return there >= count and not waiting

    try:
        await until(session, enough, seconds)
    except TimeoutError:
        there, waiting = await session.store.read(found)
        raise TimeoutError(
            f"{session.me.name}: {there} of {count} there, {waiting} waiting, link {session.link_state.name}"
        ) from None


async def everything(duo: Duo, who: str, chat: str, count: int) -> list[MessageRow]:
    """The conversation as a machine that never saw it gets it from the server."""
    fresh = await duo.keep(
        await duo.accounts(f"fresh-{who}", MemoryPort()).sign_in(duo.url_of(who), who, PASSWORD)
    )
    await until(fresh, lambda db: messages.newest(db, chat, 1))
    rows = await history(fresh, chat)
    while rows[0].seq > 1:
        await fresh.messages.load_older(chat, rows[0].seq)
        rows = await history(fresh, chat)
    assert [row.seq for row in rows] == list(range(1, count + 1))
    return rows


__all__ = [
    "PASSWORD",
    "ConversationKind",
    "Duo",
    "MemoryPort",
    "everything",
    "history",
    "make_office",
    "running_duo",
    "texts",
    "until",
    "until_count",
    "until_online",
]

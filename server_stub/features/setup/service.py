"""Fills an empty server: with the demo organisation, in the background, or with its first administrator."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from server_stub.contract.accounts import DemoAccount, Progress, SetupAdmin
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.sm.algorithms import Algorithms

from .city import NAMED, City, CityPerson, CityUnit, make_city
from .demo import DemoPlayer, World, demo_password
from .organisation import Rows, Spell, rows_of
from .story import notices, talks

log = logging.getLogger(__name__)

DEMO_LOGINS = {"李强": "liqiang", "赵敏": "zhaomin", "系统管理员": "admin"}
"""Who of the demo can be tried at once; the others wait for activation like everybody new."""
MIN_PEOPLE, MAX_PEOPLE = 200, 20_000
_CROWD = 200


class Store(Protocol):
    """Where an organisation is written; the composition joins it from the features' tables."""

    async def needs_setup(self) -> bool:
        """Whether there is no organisation, or only half of a demo."""
        ...

    async def write(self, rows: Rows, *, half: bool) -> None:
        """Insert everything in one transaction into the empty server; raises CONFLICT when it is not empty.

        `half`: the history is still to come; until `finish_demo` the next start begins anew.
        """
        ...

    async def discard_half(self) -> None:
        """Remove what an unfinished demo left; does nothing when there is none."""
        ...

    async def finish_demo(self, accounts: Sequence[DemoAccount]) -> None:
        """Keep the accounts to try; the server now has its organisation."""
        ...

    async def demo_accounts(self) -> list[DemoAccount]:
        """The accounts to try; empty in an organisation of its own."""
        ...


@dataclass(frozen=True)
class Tools:
    """What setup borrows from other features."""

    spell: Spell
    hash_password: Callable[[str], Awaitable[str]]
    check_strength: Callable[[str, str], None]
    audit: Callable[[str, str, str, str], Awaitable[None]]


class SetupService:
    """Open only while `needs_setup`; the routes let only callers on this machine in."""

    def __init__(self, store: Store, world: World, algorithms: Algorithms, tools: Tools) -> None:
        self._store = store
        self._world = world
        self._algorithms = algorithms
        self._tools = tools
        self._progress: Progress | None = None
        self._job: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Remove half a demo that a crash left behind."""
        await self._store.discard_half()

    async def close(self) -> None:
        """Stop filling; the next start begins anew."""
        if self._job is not None and not self._job.done():
            self._job.cancel()
            await asyncio.gather(self._job, return_exceptions=True)

    async def needs_setup(self) -> bool:
        """Whether the organisation is still to be made."""
        return await self._store.needs_setup()

    async def demo_accounts(self) -> list[DemoAccount]:
        """Accounts to try; see ServerInfo.demo_accounts."""
        return await self._store.demo_accounts()

    def progress(self) -> Progress:
        """How far the demo is; raises NOT_FOUND when none was begun since the start."""
        if self._progress is None:
            raise ApiError(ErrorCode.NOT_FOUND)
        return self._progress

    async def begin_demo(self, people: int) -> None:
        """Begin in the background; a second call while one runs changes nothing."""
        if not MIN_PEOPLE <= people <= MAX_PEOPLE:
            raise ApiError(ErrorCode.BAD_REQUEST, f"people: {MIN_PEOPLE}..{MAX_PEOPLE}")
        if self._job is not None and not self._job.done():
            return
        await self._check_open()
        self._progress = Progress(done=0, total=1, stage="正在生成组织架构")
        self._job = asyncio.create_task(self._run(people))

    async def make_administrator(self, wanted: SetupAdmin) -> None:
        """Make the organisation's top unit and its first administrator."""
        for name, value, longest in (
            ("organisation", wanted.organisation, 60),
            ("name", wanted.name, 40),
            ("login", wanted.login, 64),
        ):
            if not value.strip() or len(value) > longest:
                raise ApiError(ErrorCode.BAD_REQUEST, f"{name}: 1..{longest}")
        login = wanted.login.strip().lower()
        if not login.isascii() or not all(sign.isalnum() or sign in "._-" for sign in login):
            raise ApiError(ErrorCode.BAD_REQUEST, "login", message="账号只能用字母、数字、点、横线和下划线。")
        if wanted.phone and not (
            wanted.phone.isascii() and wanted.phone.isdigit() and len(wanted.phone) <= 20
        ):
            raise ApiError(ErrorCode.BAD_REQUEST, "phone", message="手机号只能是数字。")
        self._tools.check_strength(wanted.password, login)
        await self._check_open()
        city = City(
            [CityUnit(0, -1, wanted.organisation.strip(), "", 1, 0)],
            [CityPerson(wanted.name.strip(), "", wanted.phone, ((0, "系统管理员"),))],
        )
        password_hash = await self._tools.hash_password(wanted.password)
        rows = rows_of(city, self._tools.spell, {city.people[0].name: login}, password_hash)
        rows.accounts[0]["is_admin"] = True
        await self._store.write(rows, half=False)
        await self._tools.audit("setup_admin", str(rows.persons[0]["id"]), "", "done")

    async def _check_open(self) -> None:
        if not await self._store.needs_setup():
            raise ApiError(ErrorCode.CONFLICT, "already set up", message="本服务器已有组织，不能再次初始化。")

    async def _run(self, people: int) -> None:
        try:
            await self._store.discard_half()
            await self._fill(people)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            log.exception("the demo organisation was not made")
            text = error.message if isinstance(error, ApiError) else "服务器内部错误，详情见日志。"
            self._progress = Progress(done=0, total=1, error=text)

    async def _fill(self, people: int) -> None:
        password = demo_password()
        password_hash = await self._tools.hash_password(password)
        city = await asyncio.to_thread(make_city, people)
        rows = await asyncio.to_thread(rows_of, city, self._tools.spell, DEMO_LOGINS, password_hash)
        await self._store.write(rows, half=True)
        await self._tools.audit("setup_demo", "", "", "begun")
        stories = await asyncio.to_thread(talks)
        total = 1 + len(stories) + len(notices())
        named = {rows.ids[name] for name, *_ in NAMED}
        crowd = [str(row["id"]) for row in rows.persons if row["id"] not in named][:_CROWD]
        player = DemoPlayer(self._world, self._algorithms, rows.ids, crowd, int(time.time() * 1000))
        done = 1
        for story in stories:
            self._progress = Progress(done=done, total=total, stage="正在写入会话与文件")
            await player.talk(story)
            done += 1
        for notice in notices():
            self._progress = Progress(done=done, total=total, stage="正在写入工作通知")
            await player.notice(notice)
            done += 1
        await self._store.finish_demo(_accounts(password))
        await self._tools.audit("setup_demo", "", "", "done")
        self._progress = Progress(done=total, total=total, stage="完成", finished=True)


def _accounts(password: str) -> list[DemoAccount]:
    titles = {name: f"{path[-1]} {title}" for name, path, title, _rank in NAMED}
    return [
        DemoAccount(login=login, password=password, name=name, title=titles[name])
        for name, login in DEMO_LOGINS.items()
    ]

"""Policy and lock page: what administrators set for every desktop, kept whole and versioned."""

import time

import msgspec
from sqlalchemy import Connection, insert, select, update

from server_stub.contract import lock as wire
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.lock import LockPageChange, LockPageNow, LockPageText, LockPolicy
from server_stub.storage.database import Database

from .tables import lock_settings

POLICY, PAGE = "policy", "page"
SHORTEST_IDLE_S = 30
LONGEST_IDLE_S = 24 * 3600
LONGEST_MEETING_S = 24 * 3600
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


class LockSettings:
    """Reads and writes both."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def policy(self) -> LockPolicy:
        """The policy in force."""
        return await self._database.read(read_policy)

    async def change_policy(self, by: str, wanted: LockPolicy) -> None:
        """Replace it. Raises BAD_REQUEST with a sentence for the administrator."""
        value = msgspec.json.encode(check_policy(wanted)).decode()
        await self._database.write(lambda connection: _put(connection, POLICY, value, b"", by))

    async def page(self) -> LockPageNow:
        """The page in force."""
        row = await self._database.read(lambda connection: _row(connection, PAGE))
        if row is None:
            return LockPageNow()
        text = msgspec.json.decode(row.value, type=LockPageText) if row.value else None
        return LockPageNow(
            version=row.version,
            text=text,
            picture=bytes(row.data),
            changed_by=row.changed_by,
            changed_at=row.changed_at,
        )

    async def change_page(self, by: str, wanted: LockPageChange) -> None:
        """Replace texts, and the picture where one is given."""
        text = check_page(wanted.text)
        picture = wanted.picture
        if picture is not None and len(picture) > wire.PICTURE_BYTES:
            raise ApiError(ErrorCode.TOO_LARGE, message="背景图片不能超过 2 MB。")
        if picture and not picture.startswith(_PICTURES):
            raise ApiError(ErrorCode.TYPE_NOT_ALLOWED, message="背景图片须为 PNG 或 JPEG 格式。")
        value = msgspec.json.encode(text).decode()

        def work(connection: Connection) -> None:
            kept = picture
            if kept is None:
                row = _row(connection, PAGE)
                kept = bytes(row.data) if row is not None else b""
            _put(connection, PAGE, value, kept, by)

        await self._database.write(work)

    async def default_page(self, by: str) -> None:
        """Back to the product's own page. The version goes on, so that desktops notice."""
        await self._database.write(lambda connection: _put(connection, PAGE, "", b"", by))


def read_policy(connection: Connection) -> LockPolicy:
    """The policy in force."""
    row = _row(connection, POLICY)
    return LockPolicy() if row is None else msgspec.json.decode(row.value, type=LockPolicy)


def page_version(connection: Connection) -> int:
    """0 while nobody ever changed the page."""
    row = _row(connection, PAGE)
    return 0 if row is None else int(row.version)


def check_policy(wanted: LockPolicy) -> LockPolicy:
    """Return it, or raise BAD_REQUEST."""

    def refuse(text: str) -> ApiError:
        return ApiError(ErrorCode.BAD_REQUEST, message=text)

    times = {"最长无操作时间": wanted.idle_longest_s}
    for kind, seconds in wanted.window_idle_s.items():
        if kind not in wire.WINDOW_KINDS:
            raise refuse(f"没有“{kind[:20]}”这种窗口。")
        times[f"{wire.WINDOW_KINDS[kind]}窗口的无操作时间"] = seconds
    for name, seconds in times.items():
        if seconds and not SHORTEST_IDLE_S <= seconds <= LONGEST_IDLE_S:
            raise refuse(f"{name}须在 {SHORTEST_IDLE_S} 秒到 24 小时之间，或不限制。")
    if not 60 <= wanted.meeting_longest_s <= LONGEST_MEETING_S:
        raise refuse("会议免锁最长时间须在 1 分钟到 24 小时之间。")
    if not 3 <= wanted.attempts_before_scan <= 50:
        raise refuse("密码错误次数上限须在 3 到 50 次之间。")
    return wanted


def check_page(text: LockPageText) -> LockPageText:
    """Return it trimmed, or raise BAD_REQUEST."""

    def refuse(words: str) -> ApiError:
        return ApiError(ErrorCode.BAD_REQUEST, message=words)

    heading = text.heading.strip()
    lines = [line.strip() for line in text.lines if line.strip()]
    if not heading or len(heading) > wire.HEADING_LONGEST:
        raise refuse(f"请填写宣贯标题，不超过 {wire.HEADING_LONGEST} 字。")
    if len(lines) > wire.MOST_LINES or any(len(line) > wire.LINE_LONGEST for line in lines):
        raise refuse(f"正文不超过 {wire.MOST_LINES} 行，每行不超过 {wire.LINE_LONGEST} 字。")
    return LockPageText(
        caption=text.caption.strip()[: wire.HEADING_LONGEST] or "安全提示", heading=heading, lines=lines
    )


def _row(connection: Connection, name: str):
    return connection.execute(select(lock_settings).where(lock_settings.c.name == name)).one_or_none()


def _put(connection: Connection, name: str, value: str, data: bytes, by: str) -> None:
    now = int(time.time() * 1000)
    row = connection.execute(
        select(lock_settings.c.version).where(lock_settings.c.name == name).with_for_update()
    ).one_or_none()
    values = {"value": value, "data": data, "changed_by": by, "changed_at": now}
    if row is None:
        connection.execute(insert(lock_settings).values(name=name, version=1, **values))
    else:
        connection.execute(
            update(lock_settings)
            .where(lock_settings.c.name == name)
            .values(version=row.version + 1, **values)
        )

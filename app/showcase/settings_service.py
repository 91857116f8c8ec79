"""Settings in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

from app.features.settings.probing import Probe
from app.features.settings.service import About, Release, Repair, Storage
from app.store.records import ConversationRow
from server_stub.contract.accounts import SessionInfo
from server_stub.contract.conversations import ConversationKind
from server_stub.contract.directory import Person, SearchResult, UnitChildren
from server_stub.contract.errors import ApiError, ErrorCode

from . import chats
from .contacts_service import ShowcaseContacts
from .office import BY_ID, DAY, HOUR, ME, NOW_MS

OLD_PASSWORD = "Zhengding1"


class ShowcaseSettings:
    """See features.settings.service.SettingsService. `error` is raised by every call while it is set."""

    me: Person = ME

    def __init__(self, folder: Path = Path("/home/liqiang/.local/share/zhengding-desktop")) -> None:
        self.error: Exception | None = None
        self.signed_out = 0
        self.cache = 734_003_200
        self.shared = ["p-wang", "p-zhou", "p-aji"]
        self._book = ShowcaseContacts()
        self.chats = {row.id: row for row in chats.conversation_rows()}
        self.about = About(
            version="0.1.0",
            server_url="http://127.0.0.1:9",
            bundled=True,
            organisation="郑州市",
            data_folder=folder,
            system="统信 UOS 20  Qt 6.8.0",
            algorithms=(
                ("SM4", "libgcrypt 1.10.3"),
                ("SM3", "libgcrypt 1.10.3"),
                ("SM2", "libcrypto 3.0.17"),
            ),
        )
        self.devices = [
            _device("s-1", "办公室台式机", "uos", NOW_MS, "10.12.3.41", current=True),
            _device(
                "s-2",
                "会议室公用电脑（三楼东侧第二会议室，投影仪旁）",
                "windows",
                NOW_MS - HOUR,
                "10.12.3.77",
            ),
            _device("s-3", "值班笔记本", "kylin", NOW_MS - 3 * DAY, "10.12.9.8"),
        ]

    def _check(self) -> None:
        if self.error is not None:
            raise self.error

    async def sessions(self) -> list[SessionInfo]:
        self._check()
        return list(self.devices)

    async def end_session(self, session_id: str) -> None:
        self._check()
        self.devices = [device for device in self.devices if device.id != session_id]

    async def change_password(self, old: str, new: str) -> None:
        self._check()
        if old != OLD_PASSWORD:
            raise ApiError(ErrorCode.BAD_CREDENTIALS)
        self.devices = [device for device in self.devices if device.current]

    async def services(self) -> list[ConversationRow]:
        self._check()
        return [row for row in self.chats.values() if row.kind is ConversationKind.SERVICE]

    async def set_service(
        self, conversation_id: str, *, muted: bool | None = None, pinned: bool | None = None
    ) -> None:
        self._check()
        row = self.chats[conversation_id]
        self.chats[conversation_id] = replace(
            row,
            muted=row.muted if muted is None else muted,
            pinned=row.pinned if pinned is None else pinned,
        )

    async def sees_phone(self) -> list[Person]:
        self._check()
        return [BY_ID[one] for one in self.shared]

    async def share_phone(self, person_id: str, *, on: bool) -> None:
        self._check()
        self.shared = [one for one in self.shared if one != person_id]
        if on:
            self.shared.insert(0, person_id)

    async def unit_children(self, unit_id: str = "") -> UnitChildren:
        self._check()
        return await self._book.unit_children(unit_id)

    async def search(self, text: str, limit: int) -> SearchResult:
        self._check()
        return await self._book.search(text, limit)

    may_change = True
    newest = Release()
    phone = ""

    async def may_change_phone(self) -> bool:
        self._check()
        return self.may_change

    async def send_phone_code(self, phone: str, password: str) -> None:
        self._check()
        if password != OLD_PASSWORD:
            raise ApiError(ErrorCode.BAD_CREDENTIALS)

    async def change_phone(self, phone: str, code: str) -> None:
        self._check()
        if code != "123456":
            raise ApiError(ErrorCode.BAD_CODE)
        self.phone = phone

    async def release(self) -> Release:
        self._check()
        return self.newest

    async def sign_out(self) -> None:
        self._check()
        self.signed_out += 1

    async def storage(self) -> Storage:
        self._check()
        return Storage(database=48_234_496, cache=self.cache)

    async def repair(self) -> Repair:
        self._check()
        return Repair(sound=True, indexed=12_408, online=True)

    async def probe(self) -> AsyncIterator[Probe]:
        self._check()
        yield Probe("解析地址", "zhengding.example.gov.cn → 10.12.0.8", 3.2)
        yield Probe("建立连接", "zhengding.example.gov.cn:443", 11.0)
        yield Probe("服务接口", "政钉 0.1.0", 24.0)
        yield Probe("消息通道", "已连接，消息即时收发", 0.0)

    async def clear_cache(self) -> int:
        self._check()
        freed, self.cache = self.cache, 0
        return freed


class ShowcaseAutostart:
    """A switch that remembers."""

    available = True

    def __init__(self) -> None:
        self.on = False
        self.error: OSError | None = None

    def is_on(self) -> bool:
        return self.on

    def set_on(self, on: bool) -> None:
        if self.error is not None:
            raise self.error
        self.on = on


def _device(
    id: str, name: str, platform: str, seen: int, address: str, *, current: bool = False
) -> SessionInfo:
    return SessionInfo(
        id=id,
        device_name=name,
        platform=platform,
        app_version="0.1.0",
        signed_in_at=seen - DAY,
        last_seen_at=seen,
        address=address,
        current=current,
    )

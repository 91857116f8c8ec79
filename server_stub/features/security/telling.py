"""Tells the other administrators what waits for a second one, so that nobody finds it when its half hour is over."""

import logging
from collections.abc import Awaitable, Callable, Sequence

from server_stub.contract.content import NoticeContent
from server_stub.contract.keys import CONSOLE_LINK, KeyRequest

log = logging.getLogger(__name__)

_KINDS = {
    "destroy": ("紧急销密", "key-destruction"),
    "backup": ("密钥备份", "key-backup"),
    "restore": ("密钥恢复", "key-backup"),
    "export": ("导出单个密钥", "keys"),
    "import": ("导入单个密钥", "keys"),
}
"""What it is called, and the section of the console where it is confirmed."""


class Telling:
    """`administrators()`: ids of those who can sign in; `notify(person_id, content)`: writes a work notice;
    `names(ids)`: ids to names."""

    def __init__(
        self,
        administrators: Callable[[], Awaitable[Sequence[str]]],
        notify: Callable[[str, NoticeContent], Awaitable[object]],
        names: Callable[[Sequence[str]], Awaitable[dict[str, str]]],
    ) -> None:
        self._administrators, self._notify, self._names = administrators, notify, names

    async def waits(self, request: KeyRequest) -> None:
        """Say it to all but who asked. A notice that cannot be written does not take the request back."""
        try:
            name = (await self._names([request.created_by])).get(request.created_by, "一位管理员")
            kind, section = _KINDS[request.kind]
            content = NoticeContent(
                title="密钥操作待您确认",
                text=f"{name} 发起了“{kind}”，原因：{request.reason}。须由另一位管理员在半小时内确认。",
                link=CONSOLE_LINK + section,
            )
            for person_id in await self._administrators():
                if person_id != request.created_by:
                    await self._notify(person_id, content)
        except Exception as error:
            log.error("administrators not told", extra={"error": type(error).__name__})

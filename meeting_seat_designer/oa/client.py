"""The HTTP interface of the OA meeting system: attendees whole and by change. Source: 3.1.6.3.1, 3.1.6.3.2."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any, cast
from urllib.parse import quote, urlsplit

import httpx

from meeting_seat_designer.engine.errors import SeatingError

LARGEST_ANSWER = 20 * 1024 * 1024
MOST_PAGES = 1000
_REFUSALS = {
    401: "OA 系统拒绝访问：接口令牌无效或已过期，请联系 OA 管理员",
    403: "OA 系统拒绝访问：该令牌无权读取这个会议",
    404: "OA 系统中没有这个会议，请核对会议编号",
    429: "OA 系统请求过于频繁，请稍后再试",
}


class OaError(SeatingError):
    """The OA system cannot be reached, refused, or answered something unusable; the text never holds the token."""


class TooOld(OaError):
    """The OA system no longer keeps changes from that version on: take the whole list."""


class OaClient:
    """Reads attendees; `with OaClient(address, token) as oa`. HTTPS is required except on the own machine."""

    def __init__(self, address: str, token: str, *, timeout: float = 15) -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise OaError("OA 接口地址应以 https:// 开头")
        if parts.scheme == "http" and not _own_machine(parts.hostname):
            raise OaError("OA 接口须使用 https://，以免名单和令牌在网络上明文传送")
        # The office proxy is for the internet; redirects could carry the token elsewhere.
        self._http = httpx.Client(
            base_url=address.rstrip("/"),
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
            timeout=timeout,
            follow_redirects=False,
            trust_env=False,
        )

    def __enter__(self) -> OaClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def attendees(self, meeting: str) -> dict[str, Any]:
        """The whole list, all its pages in one: {"meeting", "version", "people"}."""
        path = f"/meetings/{quote(meeting, safe='')}/attendees"
        whole = self._get(path, {})
        people = _list(whole, "people")
        cursor = whole.get("next")
        seen: set[str] = set()
        while cursor:
            if not isinstance(cursor, str) or cursor in seen or len(seen) >= MOST_PAGES:
                raise OaError("OA 系统的分页有误，名单没有取完；未作任何改动")
            seen.add(cursor)
            more = self._get(path, {"cursor": cursor})
            if more.get("version") != whole.get("version"):
                raise OaError("取名单时 OA 中的名单发生了变化，请再同步一次；未作任何改动")
            people += _list(more, "people")
            cursor = more.get("next")
        return {**whole, "people": people}

    def changes(self, meeting: str, since: str) -> dict[str, Any]:
        """Changes after a version: {"version", "changes"}. TooOld when they are no longer kept."""
        path = f"/meetings/{quote(meeting, safe='')}/attendees/changes"
        answer = self._get(path, {"since": since})
        _list(answer, "changes")
        return answer

    def _get(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        data = bytearray()
        try:
            with self._http.stream("GET", path, params=query) as answer:
                _refuse(answer.status_code)
                for part in answer.iter_bytes():
                    data += part
                    if len(data) > LARGEST_ANSWER:
                        raise OaError("OA 系统返回的名单过大，已停止读取")
        except httpx.TimeoutException as error:
            raise OaError("OA 系统没有及时响应，请稍后再试") from error
        except httpx.HTTPError as error:
            raise OaError("无法连接 OA 系统，请检查网络和接口地址") from error
        try:
            plain = json.loads(bytes(data).decode())
        except ValueError as error:
            raise OaError("OA 系统返回的不是 JSON，请核对接口地址") from error
        if not isinstance(plain, dict) or not isinstance(cast(dict[str, Any], plain).get("version"), str):
            raise OaError("OA 系统返回的内容不合接口约定（应含文本 version）")
        return cast(dict[str, Any], plain)


def _own_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _refuse(status: int) -> None:
    if status == 200:
        return
    if status == 410:
        raise TooOld("OA 系统已不保留该版本之后的变更，需要重新取全部名单")
    if status in _REFUSALS:
        raise OaError(_REFUSALS[status])
    if status >= 500:
        raise OaError(f"OA 系统出错（{status}），请稍后再试")
    raise OaError(f"OA 系统返回了意外的状态 {status}，请核对接口地址")


def _list(answer: dict[str, Any], name: str) -> list[Any]:
    found = answer.get(name)
    if not isinstance(found, list):
        raise OaError(f"OA 系统返回的内容不合接口约定（应含列表 {name}）")
    return cast(list[Any], found)

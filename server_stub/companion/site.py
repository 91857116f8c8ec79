"""Serves the phone pages: the shell of each page, and the files that they load, addressed by their content."""

import hashlib
import html
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from server_stub.contract.errors import ApiError
from server_stub.http.endpoint import PHONE_COOKIE, Caller

from .pages import Page, Room

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SHARED = Room(
    "shared", Path(__file__).parent / "shared", (Page("/sign-in", "登录", "signin.js", (), signed_in=False),)
)
SIGN_IN = "/m/sign-in"

_SHELL = """<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="light dark">
<title>{title} · 政钉</title>
<link rel="icon" type="image/svg+xml" href="{assets}/shared/icon.svg">
{styles}
<script type="module" src="{assets}/{module}"></script>
</head>
<body>
<main id="page" tabindex="-1"><p class="waiting">正在载入…</p></main>
<noscript><p class="waiting">请在浏览器中启用 JavaScript 后重新打开本页。</p></noscript>
</body>
</html>
"""


class Companion:
    """The routes below /m. `authenticate` turns a phone's cookie into a caller and raises ApiError."""

    def __init__(self, rooms: Sequence[Room], authenticate: Callable[[str], Awaitable[Caller]]) -> None:
        self._authenticate = authenticate
        self._rooms = [SHARED, *rooms]
        self._files = _read([*self._rooms])
        # One name for the whole set: modules import each other relatively, and a new version is a new address.
        digest = hashlib.sha256()
        for name, (content, _kind) in sorted(self._files.items()):
            digest.update(name.encode() + b"\0" + len(content).to_bytes(8) + content)
        self._base = f"/m/a/{digest.hexdigest()[:16]}"

    def routes(self) -> list[Route]:
        """Return the Starlette routes of all pages and files."""
        pages = [
            Route(f"/m{page.path}", self._page(room, page), methods=["GET"])
            for room in self._rooms
            for page in room.pages
        ]
        return [*pages, Route("/m/a/{build}/{room}/{file}", self._asset, methods=["GET"])]

    def _page(self, room: Room, page: Page) -> Callable[[Request], Awaitable[Response]]:
        sheets = ["shared/base.css", *(f"{room.name}/{one}" for one in page.styles)]
        for name in (f"{room.name}/{page.module}", *sheets):
            if name not in self._files:
                raise ValueError(f"{page.path}: there is no {name}")
        text = _SHELL.format(
            title=html.escape(page.title),
            assets=self._base,
            module=f"{room.name}/{page.module}",
            styles="\n".join(f'<link rel="stylesheet" href="{self._base}/{one}">' for one in sheets),
        ).encode()
        camera = "self" if page.camera else ""
        headers = {
            "content-security-policy": _POLICY,
            "cross-origin-opener-policy": "same-origin",
            "permissions-policy": f"camera=({camera}), microphone=(), geolocation=()",
            "referrer-policy": "no-referrer",
            "x-content-type-options": "nosniff",
            "cache-control": "no-store",
        }

        async def show(request: Request) -> Response:
            if page.signed_in and not await self._signed_in(request):
                wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
                return RedirectResponse(f"{SIGN_IN}?next={quote(wanted, safe='')}", 303, headers=headers)
            return Response(text, media_type="text/html; charset=utf-8", headers=headers)

        return show

    async def _signed_in(self, request: Request) -> bool:
        try:
            await self._authenticate(request.cookies.get(PHONE_COOKIE, ""))
        except ApiError:
            return False
        return True

    async def _asset(self, request: Request) -> Response:
        found = self._files.get(f"{request.path_params['room']}/{request.path_params['file']}")
        if found is None:
            return Response(status_code=404)
        content, kind = found
        # A page that was loaded before an update gets the new file under the old address; it must not keep it.
        current = request.url.path.startswith(self._base + "/")
        return Response(
            content,
            media_type=kind,
            headers={
                "cache-control": "public, max-age=31536000, immutable" if current else "no-store",
                "content-security-policy": "default-src 'none'",
                "x-content-type-options": "nosniff",
            },
        )


def _read(rooms: Sequence[Room]) -> dict[str, tuple[bytes, str]]:
    """Return every served file by "room/name", with its media type. They are small and are kept in memory."""
    found: dict[str, tuple[bytes, str]] = {}
    for room in rooms:
        if any(name.startswith(f"{room.name}/") for name in found):
            raise ValueError(f"two rooms are called {room.name}")
        for file in sorted(room.folder.iterdir()):
            if file.is_file() and file.suffix in _TYPES:
                found[f"{room.name}/{file.name}"] = file.read_bytes(), _TYPES[file.suffix]
    return found

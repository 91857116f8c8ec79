"""Asks a page what it says of itself, before its address is sent (E099). Only the sender's client ever asks.

Bounds: http and https on their own ports; every address that a name stands for must be public, unless the administrators
named the host; the connection goes to the very address that was checked; three redirects, each checked anew; little text,
one small picture, a few seconds. Nothing of the user's goes along: no cookies, no referrer, no name.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit, urlunsplit

import httpx
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize
from PySide6.QtGui import QImage, QImageReader

from server_stub.contract.content import LinkPreview

from .pictures import encode

SECONDS = 6.0
MOST_HTML = 512 * 1024
MOST_PICTURE = 2 * 1024 * 1024
MOST_PIXELS = 40_000_000
REDIRECTS = 3
SIDE = 160
THUMBNAIL_BYTES = 16 * 1024
HTML = ("text/html", "application/xhtml+xml")
PICTURES = ("image/jpeg", "image/png", "image/webp", "image/gif")
FORMATS = ("jpeg", "jpg", "png", "webp", "gif")
"""What a picture may really be; drawings (SVG) may refer to other files."""
PORTS = {"http": 80, "https": 443}
AGENT = "Mozilla/5.0 (compatible; ZhengdingPreview/1.0)"

Resolve = Callable[[str, int], Awaitable[list[str]]]


class NotAllowed(Exception):
    """An address that must not be asked."""


async def resolve(host: str, port: int) -> list[str]:
    """All addresses of a name."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def is_public(address: str) -> bool:
    """Whether an address belongs to the open internet; addresses wrapped in others are looked into."""
    try:
        found = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and found in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast and not found.is_reserved and not found.is_unspecified


class HttpPreviews:
    """See tools.LinkPreviews. `allowed`: hosts of the organisation that may be private ("*.example" for all below one); with a
    port ("host:8080") that port too."""

    def __init__(
        self, allowed: Sequence[str] = (), *, resolve: Resolve = resolve, seconds: float = SECONDS
    ) -> None:
        self._allowed = [one.lower().strip() for one in allowed if one.strip()]
        self._resolve, self._seconds = resolve, seconds

    async def fetch(self, url: str) -> LinkPreview | None:
        try:
            async with asyncio.timeout(self._seconds):
                return await self._fetch(url)
        except (TimeoutError, NotAllowed, httpx.HTTPError, OSError, UnicodeError, ValueError):
            return None

    async def _fetch(self, url: str) -> LinkPreview | None:
        address, body, kind, charset = await self._get(url, MOST_HTML, HTML)
        page = read_page(body, charset)
        title = page.get("og:title") or page.get("title", "")
        if not title or not kind:
            return None
        thumbnail = b""
        picture = page.get("og:image", "")
        if picture:
            try:
                _, data, _, _ = await self._get(urljoin(address, picture), MOST_PICTURE, PICTURES)
                thumbnail = await asyncio.to_thread(small_jpeg, data)
            except (NotAllowed, httpx.HTTPError, OSError, ValueError):
                thumbnail = b""
        return LinkPreview(
            url=url,
            title=title[:200],
            description=(page.get("og:description") or page.get("description", ""))[:400],
            site=(page.get("og:site_name") or urlsplit(address).hostname or "")[:80],
            thumbnail=thumbnail,
        )

    async def _get(self, url: str, most: int, kinds: Sequence[str]) -> tuple[str, bytes, str, str]:
        """The final address, at most `most` bytes, media type, charset. Raises NotAllowed and httpx's errors."""
        for _ in range(REDIRECTS + 1):
            target, host, headers = await self._checked(url)
            extensions = {"sni_hostname": host}
            async with httpx.AsyncClient(
                timeout=self._seconds, trust_env=False, follow_redirects=False
            ) as http:
                async with http.stream("GET", target, headers=headers, extensions=extensions) as answer:
                    if answer.is_redirect and "location" in answer.headers:
                        url = urljoin(url, answer.headers["location"])
                        continue
                    kind = answer.headers.get("content-type", "").lower()
                    if answer.status_code != 200 or not kind.startswith(tuple(kinds)):
                        raise NotAllowed("not a page")
                    body = bytearray()
                    async for piece in answer.aiter_bytes(64 * 1024):
                        body += piece
                        if len(body) >= most:
                            if kinds is not HTML:
                                raise NotAllowed("too large")
                            break
                    return url, bytes(body[:most]), kind, answer.charset_encoding or ""
        raise NotAllowed("too many redirects")

    async def _checked(self, url: str) -> tuple[str, str, dict[str, str]]:
        """The address with the checked number in the place of the host, the host, and the headers to send."""
        parts = urlsplit(url)
        host, scheme = (parts.hostname or "").lower(), parts.scheme.lower()
        if scheme not in PORTS or not host or parts.username or parts.password:
            raise NotAllowed("scheme or form")
        port = parts.port or PORTS[scheme]
        trusted = self._is_trusted(host, port)
        if port != PORTS[scheme] and not trusted:
            raise NotAllowed("port")
        numbers = await self._resolve(host.encode("idna").decode("ascii"), port)
        # Every one of them: a name that stands for a public and a private address is a trap.
        if not numbers or not (trusted or all(is_public(one) for one in numbers)):
            raise NotAllowed("private address")
        number = f"[{numbers[0]}]" if ":" in numbers[0] else numbers[0]
        target = urlunsplit((scheme, f"{number}:{port}", parts.path or "/", parts.query, ""))
        named = host if port == PORTS[scheme] else f"{host}:{port}"
        return target, host, {"host": named, "user-agent": AGENT, "accept": "text/html,image/*;q=0.8"}

    def _is_trusted(self, host: str, port: int) -> bool:
        for one in self._allowed:
            if one in (host, f"{host}:{port}") or (one.startswith("*.") and host.endswith(one[1:])):
                return True
        return False


class _Head(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, str] = {}
        self._title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "title":
            self._title = True
        elif tag == "meta":
            about = {name: value or "" for name, value in attrs}
            name = (about.get("property") or about.get("name") or "").lower()
            if name in WANTED and about.get("content"):
                self.found.setdefault(name, " ".join(about["content"].split()))

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._title = False

    def handle_data(self, data: str) -> None:
        if self._title:
            self.found["title"] = " ".join((self.found.get("title", "") + data).split())


WANTED = frozenset({"og:title", "og:description", "og:image", "og:site_name", "description"})


def read_page(body: bytes, charset: str = "") -> dict[str, str]:
    """What the head of a page says: title, description, picture, site."""
    head = body[:2048].lower()
    encodings = [charset, "utf-8", "gb18030"]
    if b"charset=gb" in head or b'charset="gb' in head:
        encodings.insert(1, "gb18030")
    text = ""
    for encoding in filter(None, encodings):
        try:
            # A page may be cut in the middle of a character.
            text = body[: len(body) - 4].decode(encoding) + body[len(body) - 4 :].decode(encoding, "ignore")
            break
        except (UnicodeDecodeError, LookupError):
            continue
    parser = _Head()
    parser.feed(text or body.decode("utf-8", "replace"))
    return parser.found


def small_jpeg(data: bytes) -> bytes:
    """A picture as a small square JPEG; nothing when it is none, or too large to decode."""
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    size = reader.size()
    if (
        bytes(reader.format().data()).decode() not in FORMATS
        or not size.isValid()
        or size.width() * size.height() > MOST_PIXELS
    ):
        return b""
    side = min(size.width(), size.height())
    if side > 2 * SIDE:
        scale = SIDE / side
        reader.setScaledSize(QSize(max(1, round(size.width() * scale)), max(1, round(size.height() * scale))))
    image = reader.read()
    if image.isNull():
        return b""
    side = min(image.width(), image.height())
    image = image.copy((image.width() - side) // 2, (image.height() - side) // 2, side, side)
    image = image.scaled(SIDE, SIDE).convertToFormat(QImage.Format.Format_RGB32)
    for quality in (80, 60, 40):
        made = encode(image, "JPEG", quality)
        if len(made) <= THUMBNAIL_BYTES:
            return made
    return b""

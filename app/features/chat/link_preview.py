"""Asks a page what it says of itself, before its address is sent (E099). Only the sender's client ever asks.

Bounds: http and https on their own ports; every address that a name stands for must be public, unless the administrators
named the host; the connection goes to the very address that was checked; three redirects, each checked anew; little text,
one small picture, a few seconds. Nothing of the user's goes along: no cookies, no referrer, no name.
"""

from __future__ import annotations

import asyncio
import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

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

SAFE = "/?&=:;,+@!$'()*~%-._"
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


@dataclass(frozen=True, slots=True)
class _Wanted:
    secure: bool
    number: str
    """The checked address: the connection goes there and nowhere else."""
    port: int
    host: str
    path: str
    named: str
    """The Host header."""


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    location: str
    kind: str
    charset: str
    body: bytes


def _ask(wanted: _Wanted, most: int, seconds: float) -> _Answer:
    """One request, in a thread; at most `most` bytes are read, within the time. Raises OSError, HTTPException."""
    over = time.monotonic() + seconds
    plain = socket.create_connection((wanted.number, wanted.port), timeout=seconds)
    try:
        line = plain
        if wanted.secure:
            line = ssl.create_default_context().wrap_socket(plain, server_hostname=wanted.host)
        connection = http.client.HTTPConnection(wanted.host, wanted.port, timeout=seconds)
        connection.sock = line
        headers = {
            "Host": wanted.named,
            "User-Agent": AGENT,
            "Accept": "text/html,image/*;q=0.8",
            "Connection": "close",
        }
        connection.request("GET", wanted.path, headers=headers)
        answer = connection.getresponse()
        body = bytearray()
        while len(body) < most and time.monotonic() < over:
            piece = answer.read1(min(64 * 1024, most - len(body)))
            if not piece:
                break
            body += piece
        kind = answer.headers.get("content-type", "").lower()
        charset = answer.headers.get_content_charset("") or ""
        made = _Answer(answer.status, answer.headers.get("location", ""), kind, charset, bytes(body))
        connection.close()
        return made
    finally:
        plain.close()


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
        except (TimeoutError, NotAllowed, http.client.HTTPException, OSError, UnicodeError, ValueError):
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
            except (NotAllowed, http.client.HTTPException, OSError, ValueError):
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
            wanted = await self._checked(url)
            answer = await asyncio.to_thread(_ask, wanted, most, self._seconds)
            if 300 <= answer.status < 400 and answer.location:
                url = urljoin(url, answer.location)
                continue
            if answer.status != 200 or not answer.kind.startswith(tuple(kinds)):
                raise NotAllowed("not a page")
            if len(answer.body) >= most and kinds is not HTML:
                raise NotAllowed("too large")
            return url, answer.body, answer.kind, answer.charset
        raise NotAllowed("too many redirects")

    async def _checked(self, url: str) -> _Wanted:
        """Where to connect, and what to ask for there. Raises NotAllowed."""
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
        path = urlunsplit(("", "", quote(parts.path or "/", safe=SAFE), quote(parts.query, safe=SAFE), ""))
        named = host if port == PORTS[scheme] else f"{host}:{port}"
        return _Wanted(scheme == "https", numbers[0], port, host, path, named)

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

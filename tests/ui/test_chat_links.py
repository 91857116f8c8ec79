"""Link previews against real pages on the loopback, and every way to lead them into the inner network (E099)."""

from __future__ import annotations

import asyncio
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PySide6.QtGui import QColor, QImage

from app.features.chat.link_preview import MOST_HTML, HttpPreviews, is_public, read_page, small_jpeg
from app.features.chat.pictures import encode

PAGE = """<html><head><meta charset="utf-8"><title>不该出现</title>
<meta property="og:title" content="汛情  通报"><meta property="og:description" content="今晚有暴雨">
<meta property="og:image" content="/cover.png"><meta property="og:site_name" content="应急局">
</head><body><script>alert(1)</script></body></html>"""


def cover() -> bytes:
    image = QImage(640, 360, QImage.Format.Format_RGB32)
    image.fill(QColor("#3366aa"))
    return encode(image, "PNG")


class Site:
    """A web server on the loopback that remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        site, picture = self, cover()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
                match self.path:
                    case "/page":
                        self._say("text/html; charset=utf-8", PAGE.encode())
                    case "/gbk":
                        self._say("text/html", '<meta charset="gbk"><title>公文处理</title>'.encode("gbk"))
                    case "/cover.png":
                        self._say("image/png", picture)
                    case "/endless":
                        self._say("text/html", b"<title>long</title>" + b"x" * (3 * MOST_HTML))
                    case "/file":
                        self._say("application/zip", b"PK")
                    case "/drawing":
                        self._say("text/html", b'<title>t</title><meta property="og:image" content="/a.svg">')
                    case "/a.svg":
                        self._say(
                            "image/png", b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
                        )
                    case "/inside":
                        self._go(f"http://inner.test:{site.port}/page")
                    case "/round":
                        self._go("/round")
                    case "/away":
                        self._go("/page")
                    case "/script":
                        self._go("file:///etc/passwd")
                    case _:
                        self.send_error(404)

            def _say(self, kind: str, body: bytes) -> None:
                self.send_response(200)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body)
                except OSError:
                    pass

            def _go(self, where: str) -> None:
                self.send_response(302)
                self.send_header("location", where)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def site():
    running = Site()
    yield running
    running.close()


async def to_loopback(_host: str, _port: int) -> list[str]:
    return ["127.0.0.1"]


@pytest.mark.clause("E099")
async def test_a_page_says_its_title_words_and_picture_and_learns_nothing_of_the_user(site, qapp):
    previews = HttpPreviews([f"zd.test:{site.port}"], resolve=to_loopback)
    url = f"http://zd.test:{site.port}/page"
    found = await previews.fetch(url)
    assert found is not None
    assert (found.url, found.title, found.description, found.site) == (
        url,
        "汛情 通报",
        "今晚有暴雨",
        "应急局",
    )
    image = QImage.fromData(found.thumbnail)
    assert (image.width(), image.height()) == (160, 160)
    assert len(found.thumbnail) <= 16 * 1024
    paths = [path for path, _ in site.asked]
    assert paths == ["/page", "/cover.png"]
    for _, headers in site.asked:
        assert headers["host"] == f"zd.test:{site.port}"
        assert not {"cookie", "referer", "authorization"} & headers.keys()
    gbk = await previews.fetch(f"http://zd.test:{site.port}/gbk")
    assert gbk is not None
    assert gbk.title == "公文处理"
    moved = await previews.fetch(f"http://zd.test:{site.port}/away")
    assert moved is not None
    assert moved.title == "汛情 通报"
    long = await previews.fetch(f"http://zd.test:{site.port}/endless")
    assert long is not None
    assert long.title == "long"
    drawn = await previews.fetch(f"http://zd.test:{site.port}/drawing")
    assert drawn is not None
    assert drawn.thumbnail == b""
    for path in ("/file", "/nothing", "/round", "/script"):
        assert await previews.fetch(f"http://zd.test:{site.port}{path}") is None


@pytest.mark.clause("E099")
async def test_nothing_leads_into_the_inner_network(site, qapp):
    asked: list[str] = []

    async def names(host: str, _port: int) -> list[str]:
        asked.append(host)
        return {
            "inner.test": ["127.0.0.1"],
            "mixed.test": ["93.184.216.34", "10.0.0.8"],
            "mapped.test": ["::ffff:192.168.1.1"],
            "zd.test": ["127.0.0.1"],
        }.get(host, ["127.0.0.1"])

    outside = HttpPreviews([], resolve=names)
    for url in (
        f"http://inner.test:{site.port}/page",
        "http://inner.test/page",
        "http://mixed.test/",
        "http://mapped.test/",
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://localhost/",
        "http://0/",
        "http://2130706433/",
        "ftp://a.test/x",
        "file:///etc/passwd",
        "http://user:pw@inner.test/",
        "http:///nothing",
        "javascript:alert(1)",
    ):
        assert await outside.fetch(url) is None, url
    assert site.asked == []
    # A host that the administrators named may be asked, and only it: not where it sends the asker on to.
    named = HttpPreviews([f"zd.test:{site.port}"], resolve=names)
    assert await named.fetch(f"http://zd.test:{site.port}/inside") is None
    assert [path for path, _ in site.asked] == ["/inside"]


def test_addresses_of_inner_networks_are_known():
    public = ("93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "114.114.114.114")
    inner = (
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.1.1", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::",
        "ff02::1", "198.18.0.1", "nonsense",
    )  # fmt: skip
    assert all(is_public(one) for one in public)
    assert not any(is_public(one) for one in inner)


async def test_a_silent_page_is_given_up(qapp):
    ends: list[asyncio.StreamWriter] = []

    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends.append(writer)

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    previews = HttpPreviews([f"zd.test:{port}"], resolve=to_loopback, seconds=0.3)
    assert await previews.fetch(f"http://zd.test:{port}/page") is None
    for writer in ends:
        writer.close()
    server.close()
    await server.wait_closed()


def test_odd_pages_and_pictures_do_no_harm(qapp):
    assert read_page(b"") == {}
    assert read_page(b"\xff\xfe<title>\x00") is not None
    assert read_page(b"<title>a<b>c</title>")["title"].startswith("a")
    assert small_jpeg(b"not a picture") == b""

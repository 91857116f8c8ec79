"""HTML files: headings, paragraphs, lists and tables; scripts, styles and what is hidden are left out."""

from __future__ import annotations

from html.parser import HTMLParser

from offline_ai.documents.model import Document
from offline_ai.documents.plain import decode

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BREAKS = frozenset(
    [
        "p",
        "div",
        "li",
        "ul",
        "ol",
        "section",
        "article",
        "header",
        "footer",
        "main",
        "aside",
        "br",
        "hr",
        "pre",
        "blockquote",
        "dt",
        "dd",
        "figcaption",
    ]
)
_SKIPPED = frozenset(["script", "style", "noscript", "template", "svg", "head", "iframe", "object"])
_VOID = frozenset(
    ["br", "hr", "img", "input", "meta", "link", "source", "wbr", "area", "base", "col", "embed", "track"]
)


def read_html(data: bytes) -> Document:
    """The first h1, or else the page's title, names the document."""
    reader = _Reader()
    reader.feed(decode(data))
    reader.close()
    reader.flush()
    if not reader.document.title and reader.page_title.strip():
        reader.document.title = " ".join(reader.page_title.split())
    return reader.document


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.document = Document(format="html")
        self.page_title = ""
        self._pieces: list[str] = []
        self._heading = 0
        self._skipping: list[str] = []
        self._in_title = False
        self._table = 0
        self._cells: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "title":
            self._in_title = True
        if tag in _SKIPPED or ("hidden" in dict(attrs) and tag not in _VOID):
            self._skipping.append(tag)
        if self._skipping:
            return
        if tag in _HEADINGS:
            self.flush()
            self._heading = _HEADINGS[tag]
        elif tag == "table":
            self.flush()
            self._table += 1
        elif tag == "tr":
            self.flush()
            self._cells = []
        elif tag in ("td", "th"):
            self._pieces.clear()
        elif tag in _BREAKS and self._cells is None:
            self.flush()

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        if self._skipping:
            if tag in self._skipping:
                while self._skipping.pop() != tag:
                    pass
            return
        if tag in ("td", "th") and self._cells is not None:
            self._cells.append(self._take())
        elif tag == "tr" and self._cells is not None:
            self.document.add("row", "\t".join(self._cells), table=self._table)
            self._cells = None
            self._pieces.clear()
        elif (tag in _BREAKS or tag in _HEADINGS) and self._cells is None:
            self.flush()

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.page_title += data
        if not self._skipping:
            self._pieces.append(data)

    def _take(self) -> str:
        text = " ".join("".join(self._pieces).split())
        self._pieces.clear()
        return text

    def flush(self) -> None:
        """End the paragraph that is being read."""
        text, level = self._take(), self._heading
        self._heading = 0
        if not text:
            return
        if level == 1 and not self.document.title:
            self.document.add("title", text)
        elif level:
            self.document.add("heading", text, level=level)
        else:
            self.document.add("paragraph", text)

"""Small, really working files for the demo: a spreadsheet, a document, a PDF and a picture."""

import io
import math
import struct
import zipfile
import zlib
from collections.abc import Sequence
from xml.sax.saxutils import escape


def spreadsheet(title: str, rows: Sequence[Sequence[object]]) -> bytes:
    """Return an xlsx file with one sheet; the first row is the heading."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for column in "ABCDEF":
        sheet.column_dimensions[column].width = 18
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>'
)


def document(title: str, paragraphs: Sequence[str]) -> bytes:
    """Return a docx file with a centred title."""
    body = [
        f'<w:p><w:pPr><w:jc w:val="center"/></w:pPr><w:r><w:rPr><w:b/><w:sz w:val="44"/></w:rPr>'
        f"<w:t>{escape(title)}</w:t></w:r></w:p>"
    ]
    body += [
        f'<w:p><w:pPr><w:ind w:firstLineChars="200"/></w:pPr><w:r><w:rPr><w:sz w:val="32"/></w:rPr>'
        f"<w:t>{escape(text)}</w:t></w:r></w:p>"
        for text in paragraphs
    ]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", _TYPES)
        package.writestr("_rels/.rels", _RELATIONS)
        package.writestr(
            "word/document.xml",
            f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{_WORD}"><w:body>'
            f"{''.join(body)}</w:body></w:document>",
        )
    return out.getvalue()


def pdf(lines: Sequence[str]) -> bytes:
    """Return a one-page A4 PDF in a standard Chinese font that readers bring along."""
    text = ["BT /F1 22 Tf 72 760 Td"]
    for number, line in enumerate(lines):
        size, step = (22, 0) if number == 0 else (14, -32)
        text.append(f"/F1 {size} Tf 0 {step} Td <{line.encode('utf-16-be').hex()}> Tj")
    stream = ("\n".join(text) + "\nET").encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H "
        b"/DescendantFonts [6 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo "
        b"<< /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /FontDescriptor 7 0 R >>",
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] "
        b"/ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>",
    ]
    out = bytearray(b"%PDF-1.4\n")
    places: list[int] = []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


_RAIN = ((235, 242, 250), (166, 208, 240), (94, 160, 222), (52, 168, 110), (240, 200, 60), (226, 98, 40))


def rain_map(width: int, height: int) -> bytes:
    """Return a PNG that looks like a rainfall map: bands of colour around two centres, with a grid."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            u, v = x / width, y / height
            near = math.exp(-(((u - 0.62) * 2.6) ** 2 + ((v - 0.42) * 2.2) ** 2))
            far = 0.7 * math.exp(-(((u - 0.25) * 3.4) ** 2 + ((v - 0.7) * 3.0) ** 2))
            wave = 0.05 * math.sin(u * 21 + math.cos(v * 13) * 2)
            band = min(len(_RAIN) - 1, max(0, int((near + far + wave) * len(_RAIN))))
            red, green, blue = _RAIN[band]
            if x % (width // 8 or 1) == 0 or y % (height // 6 or 1) == 0:
                red, green, blue = red * 9 // 10, green * 9 // 10, blue * 9 // 10
            rows += bytes((red, green, blue))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(rows), 9))
        + chunk(b"IEND", b"")
    )

"""Files into text with structure: txt, md, docx; broken, huge and hostile files are refused with a reason."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from offline_ai.documents.extract import extract, extract_file
from offline_ai.documents.packages import Package
from offline_ai.errors import (
    DamagedDocument,
    DocumentTooLarge,
    EmptyDocument,
    UnknownFormat,
    UnreadableDocument,
)

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def docx(body: str, *, prefix: str = "", styles: str = "") -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("word/document.xml", f"{prefix}<w:document {W}><w:body>{body}</w:body></w:document>")
        if styles:
            file.writestr("word/styles.xml", f"<w:styles {W}>{styles}</w:styles>")
    return held.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_in_each_encoding_has_levels_and_places(encoding: str) -> None:
    text = "关于防汛的通知\r\n\r\n　　一、提高认识\r\n（一）压实责任\r\n1. 巡查\r\n（1）夜间\r\n请遵照执行。"
    document = extract(text.encode(encoding), "a.txt")
    assert [(block.text, block.level) for block in document.blocks] == [
        ("关于防汛的通知", 0),
        ("一、提高认识", 1),
        ("（一）压实责任", 2),
        ("1. 巡查", 3),
        ("（1）夜间", 4),
        ("请遵照执行。", 0),
    ]
    for block in document.blocks:
        assert document.text[block.offset :].startswith(block.text)


def test_a_numbered_sentence_and_a_decimal_are_no_headings() -> None:
    document = extract("一、各单位要提高认识。\n3.5亿元已到位".encode(), "a.txt")
    assert [block.kind for block in document.blocks] == ["paragraph", "paragraph"]


def test_markdown_has_title_headings_tables_and_keeps_code() -> None:
    text = "# 方案\n\n## 分工\n\n| 单位 | 人数 |\n|---|---|\n| 水利局 | 3 |\n\n```\n# 注释\n```\n"
    document = extract(text.encode(), "a.md")
    assert document.title == "方案"
    assert [(block.kind, block.text, block.level, block.table) for block in document.blocks] == [
        ("title", "方案", 0, 0),
        ("heading", "分工", 2, 0),
        ("row", "单位\t人数", 0, 1),
        ("row", "水利局\t3", 0, 1),
        ("paragraph", "# 注释", 0, 0),
    ]


def test_docx_reads_styles_tables_insertions_and_leaves_out_deletions() -> None:
    body = (
        '<w:p><w:pPr><w:pStyle w:val="a1"/></w:pPr><w:r><w:t>关于防汛的</w:t></w:r><w:r><w:t>通知</w:t></w:r></w:p>'
        '<w:p><w:pPr><w:pStyle w:val="a2"/></w:pPr><w:r><w:t>总体要求</w:t></w:r></w:p>'
        "<w:p><w:ins><w:r><w:t>新增</w:t></w:r></w:ins><w:del><w:r><w:delText>删去</w:delText></w:r></w:del></w:p>"
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>甲</w:t></w:r></w:p></w:tc><w:tc><w:p/></w:tc>"
        "<w:tc><w:p><w:r><w:t>乙</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    )
    styles = (
        '<w:style w:styleId="a1"><w:name w:val="Title"/></w:style>'
        '<w:style w:styleId="a2"><w:name w:val="heading 2"/></w:style>'
    )
    document = extract(docx(body, styles=styles), "名字不作数.txt")
    assert document.title == "关于防汛的通知"
    assert [(block.kind, block.text, block.level) for block in document.blocks] == [
        ("title", "关于防汛的通知", 0),
        ("heading", "总体要求", 2),
        ("paragraph", "新增", 0),
        ("row", "甲\t\t乙", 0),
    ]


def test_hostile_packages_are_refused() -> None:
    entity = '<!DOCTYPE x [<!ENTITY a "bomb">]>'
    with pytest.raises(DamagedDocument, match="不允许"):
        extract(docx("<w:p><w:r><w:t>&a;</w:t></w:r></w:p>", prefix=entity), "a.docx")
    with pytest.raises(DocumentTooLarge):
        Package(docx("<w:p/>" * 50_000), unpacked=100_000)
    whole = docx("<w:p><w:r><w:t>好</w:t></w:r></w:p>")
    with pytest.raises(DamagedDocument):
        extract(whole[: len(whole) // 2], "a.docx")


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"%PDF-1.7 ...", "a.pdf", DamagedDocument),
        (b"\xd0\xcf\x11\xe0rest", "a.doc", UnknownFormat),
        (b"MZ\x90", "a.exe", UnknownFormat),
        (b"a\x00b\xff", "a.txt", DamagedDocument),
        (b" \n\n", "a.txt", EmptyDocument),
    ],
)
def test_what_cannot_be_read_says_why(data: bytes, name: str, reason: type[UnreadableDocument]) -> None:
    with pytest.raises(reason) as caught:
        extract(data, name)
    assert caught.value.message
    assert caught.value.hint


def test_files_too_large_or_gone_say_so(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("防汛" * 100, encoding="utf-8")
    with pytest.raises(DocumentTooLarge):
        extract_file(path, largest=10)
    assert extract_file(path).text == "防汛" * 100
    with pytest.raises(UnreadableDocument, match="打不开"):
        extract_file(tmp_path / "none.txt")


def test_a_picture_for_a_model_is_small_upright_and_tells_nothing_else() -> None:
    from PIL import Image

    from offline_ai.documents.pictures import MODEL_SIDE, for_model
    from offline_ai.errors import DamagedDocument

    photo = Image.new("RGB", (4000, 3000), "white")
    photo.paste("red", (0, 0, 2000, 3000))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright
    exif[0x010F] = "SecretCamera"
    held = io.BytesIO()
    photo.save(held, "JPEG", exif=exif)
    assert b"SecretCamera" in held.getvalue()
    made = for_model(held.getvalue())
    small = Image.open(io.BytesIO(made))
    assert small.size == (MODEL_SIDE * 3 // 4, MODEL_SIDE)
    # Red was at the left and is at the top now.
    assert small.getpixel((600, 10))[1] < 100 < small.getpixel((600, 1500))[1]
    assert not small.getexif()
    assert b"SecretCamera" not in made
    noise = Image.effect_noise((1500, 1500), 200)
    held = io.BytesIO()
    noise.save(held, "PNG")
    assert len(for_model(held.getvalue(), most=100_000)) <= 100_000
    with pytest.raises(DamagedDocument):
        for_model(b"\x89PNG\r\n\x1a\n rubbish")

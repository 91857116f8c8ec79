"""Official documents as scanners give them: set in type, a red letterhead and seal, turned a little, with noise."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageDraw, ImageFilter, ImageFont

SERIF = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc"
SANS = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
WIDTH, HEIGHT = 1654, 2339
"""A4 at 200 dpi."""
_UNITS = (
    "水利局",
    "教育局",
    "民政局",
    "财政局",
    "应急管理局",
    "城乡建设局",
    "交通运输局",
    "林业局",
    "数据局",
    "体育局",
)
_CODES = ("郑水", "郑教", "郑民", "郑财", "郑应急", "郑建", "郑交", "郑林", "郑数", "郑体")
_SUBJECTS = ("切实做好汛期值班值守工作", "开展校园安全隐患排查", "加强养老机构消防管理", "报送年度预算执行情况", "组织应急演练",
    "推进老旧小区改造", "做好春运服务保障", "开展秋季造林绿化", "推进公共数据共享", "举办全民健身活动")  # fmt: skip


@dataclass(frozen=True)
class Letter:
    """What is written in the picture."""

    sender: str
    number: str
    title: str
    recipients: str
    day: str
    urgency: str
    secrecy: str
    attachment: str


def letter(seed: int) -> Letter:
    """An invented document."""
    chance = random.Random(seed)
    at = chance.randrange(len(_UNITS))
    sender = f"郑州市{_UNITS[at]}"
    subject = chance.choice(_SUBJECTS)
    month, day = chance.randrange(1, 13), chance.randrange(1, 29)
    return Letter(
        sender,
        f"{_CODES[at]}〔2026〕{chance.randrange(1, 300)}号",
        f"{sender}关于{subject}的通知",
        chance.choice(
            ("各区县（市）人民政府，市直各部门", "各区县" + _UNITS[at], "各有关单位", "局属各单位")
        ),
        f"2026年{month}月{day}日",
        chance.choice(("", "", "特急", "加急")),
        chance.choice(("", "", "", "秘密★1年")),
        chance.choice(("", "任务分工表", "人员名单")),
    )


def picture(what: Letter, seed: int, *, skew: float = 1.2, noise: bool = True, seal: bool = True) -> bytes:
    """A PNG; `skew` is the largest angle in degrees."""
    chance = random.Random(seed * 7 + 1)
    page = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw = ImageDraw.Draw(page)
    y = 200
    for line in (what.secrecy, what.urgency):
        if line:
            draw.text((220, y), line, font=_font(SANS, 42), fill=(20, 20, 20))
            y += 62
    head = f"{what.sender}文件"
    size = min(92, int(1150 / len(head)))
    _centre(draw, head, max(y + 30, 360), _font(SERIF, size), (205, 30, 30))
    _centre(draw, what.number, 560, _font(SANS, 42), (20, 20, 20))
    draw.line((220, 640, WIDTH - 206, 640), fill=(205, 30, 30), width=5)
    title = what.title
    half = len(title) if len(title) <= 18 else title.index("关于")
    for at, line in enumerate((title[:half], title[half:])):
        _centre(draw, line, 720 + 74 * at, _font(SERIF, 52), (15, 15, 15))
    body = _font(SANS, 42)
    y = 920
    paragraphs = [
        what.recipients + "：",
        "　　为贯彻落实市委、市政府工作部署，确保各项任务按期完成，现将有关事项通知如下。",
        "　　一、提高思想认识。各单位要充分认识此项工作的重要意义，加强组织领导，落实工作责任。",
        "　　二、认真组织实施。各单位要结合实际制定方案，明确时间节点，于月底前报送进展情况。",
        "　　三、强化督导检查。对工作不力的单位予以通报。",
    ]
    if what.attachment:
        paragraphs.append("")
        paragraphs.append(f"　　附件：{what.attachment}")
    for paragraph in paragraphs:
        for line in [paragraph[at : at + 28] for at in range(0, max(1, len(paragraph)), 28)]:
            draw.text((220, y), line, font=body, fill=(20, 20, 20))
            y += 70
    y += 90
    middle = 1120
    for line in (what.sender, what.day):
        draw.text((middle - body.getlength(line) / 2, y), line, font=body, fill=(20, 20, 20))
        y += 70
    if seal:
        _seal(page, middle, y - 70, what.sender)
    page = page.rotate(chance.uniform(-skew, skew), resample=Image.Resampling.BICUBIC, fillcolor="white")
    if noise:
        page = _noisy(page, chance)
    held = io.BytesIO()
    page.save(held, "PNG", compress_level=1)
    return held.getvalue()


def photo(what: Letter, seed: int, *, turns: int = 0, tilt: float = 0.09) -> bytes:
    """The same as a photo on a dark desk: seen from the side, unevenly lit, turned by quarters anticlockwise. `tilt`: how far
    corners lie from where they belong, as a part of the page."""
    import numpy

    chance = random.Random(seed * 13 + 5)
    page = Image.open(io.BytesIO(picture(what, seed, skew=0.0))).convert("RGBA")
    wide, high = int(WIDTH * 1.25), int(HEIGHT * 1.2)
    left, top = (wide - WIDTH) / 2, (high - HEIGHT) / 2
    corners = [
        (left + x * WIDTH + chance.uniform(-tilt, tilt) * WIDTH, top + y * HEIGHT + chance.uniform(-tilt, tilt) * HEIGHT)
        for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))
    ]  # fmt: skip
    rows: list[list[float]] = []
    for (x, y), (u, v) in zip(corners, ((0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)), strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
    wanted = [0, 0, WIDTH, 0, WIDTH, HEIGHT, 0, HEIGHT]
    shape = numpy.linalg.solve(numpy.array(rows, float), numpy.array(wanted, float))
    seen = page.transform((wide, high), Image.Transform.PERSPECTIVE, tuple(shape), Image.Resampling.BICUBIC)
    dots = numpy.random.default_rng(seed)
    desk = numpy.full((high, wide, 3), (96.0, 72.0, 50.0)) + dots.normal(0, 6, (high, 1, 1))
    values = numpy.asarray(seen, dtype=numpy.float64)
    mask = values[:, :, 3:] / 255
    light = numpy.linspace(1, chance.uniform(0.6, 0.85), wide)[None, :, None]
    light = light * numpy.linspace(1, chance.uniform(0.8, 1), high)[:, None, None]
    made = (desk * (1 - mask) + values[:, :, :3] * mask) * light + dots.normal(0, 4, (high, wide, 1))
    held = io.BytesIO()
    turned = Image.fromarray(made.clip(0, 255).astype(numpy.uint8)).rotate(90 * turns, expand=True)
    turned.save(held, "JPEG", quality=88)
    return held.getvalue()


def _font(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size, index=2)


def _centre(draw: Any, text: str, y: int, font: Any, fill: Any) -> None:
    draw.text(((WIDTH - font.getlength(text)) / 2, y), text, font=font, fill=fill)


def _seal(page: Image.Image, x: int, y: int, text: str) -> None:
    side = 330
    layer = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    red = (220, 40, 45, 200)
    draw.ellipse((6, 6, side - 6, side - 6), outline=red, width=9)
    draw.text((side / 2 - 34, side / 2 - 48), "★", font=_font(SANS, 70), fill=red)
    for at, char in enumerate(text):
        glyph = Image.new("RGBA", (side, side), (0, 0, 0, 0))
        ImageDraw.Draw(glyph).text((side / 2 - 20, 22), char, font=_font(SERIF, 40), fill=red)
        angle = 110 - 220 * at / max(1, len(text) - 1)
        layer.alpha_composite(glyph.rotate(angle, resample=Image.Resampling.BICUBIC))
    page.paste(layer, (int(x - side / 2), int(y - side / 2)), layer)


def _noisy(page: Image.Image, chance: random.Random) -> Image.Image:
    import numpy

    dots = numpy.random.default_rng(chance.randrange(1 << 30))
    values = numpy.asarray(page, dtype=numpy.int16)
    values = values + dots.normal(0, 9, values.shape[:2]).astype(numpy.int16)[:, :, None]
    values = values - int(chance.uniform(0, 14))
    spots = dots.random(values.shape[:2]) < 0.0006
    values[spots] = 60
    made = Image.fromarray(values.clip(0, 255).astype(numpy.uint8))
    return made.filter(ImageFilter.GaussianBlur(0.6))

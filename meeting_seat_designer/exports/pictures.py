"""Pictures of a drawing: SVG, PNG and JPG."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, QSize
from PySide6.QtGui import QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgGenerator

from meeting_seat_designer.engine.errors import EditError, SeatingError
from meeting_seat_designer.exports import ink
from meeting_seat_designer.exports.drawing import Drawing, paint

LARGEST_PIXELS = 200_000_000
"""About 800 MB of picture: more is refused with a resolution that would do."""
LEAST_DPI, LARGEST_DPI = 30, 1200


def svg_bytes(drawing: Drawing, title: str) -> bytes:
    """An SVG in millimetres whose texts stay texts."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setTitle(title)
    generator.setDescription("政钉会议排座")
    generator.setResolution(2540)
    size = QSize(round(drawing.width), round(drawing.height))
    generator.setSize(size)
    generator.setViewBox(QRect(0, 0, size.width(), size.height()))
    painter = QPainter()
    if not painter.begin(generator):
        raise SeatingError("无法生成 SVG")
    try:
        paint(painter, drawing)
    finally:
        painter.end()
        buffer.close()
    return bytes(data.data())


def image(drawing: Drawing, dpi: int) -> QImage:
    """The drawing as pixels on white; EditError for a resolution out of 30 to 1200 or too large a picture."""
    if not LEAST_DPI <= dpi <= LARGEST_DPI:
        raise EditError(f"分辨率应在 {LEAST_DPI} 到 {LARGEST_DPI} 之间，现为 {dpi}")
    factor = dpi / (25.4 * ink.MM)
    width, height = round(drawing.width * factor), round(drawing.height * factor)
    if width * height > LARGEST_PIXELS:
        fitting = int(dpi * (LARGEST_PIXELS / (width * height)) ** 0.5)
        raise EditError(f"图片过大（{width}×{height} 像素），请把分辨率降到 {fitting} 以下，或改用 PDF")
    picture = QImage(width, height, QImage.Format.Format_RGB32)
    if picture.isNull():
        raise SeatingError("内存不足，无法生成图片；请降低分辨率或改用 PDF")
    picture.setDotsPerMeterX(round(dpi / 0.0254))
    picture.setDotsPerMeterY(round(dpi / 0.0254))
    picture.fill(ink.PAPER)
    painter = QPainter(picture)
    painter.scale(factor, factor)
    paint(painter, drawing)
    painter.end()
    return picture


def image_bytes(drawing: Drawing, kind: str, dpi: int) -> bytes:
    """PNG or JPG (`kind`) of the drawing."""
    picture = image(drawing, dpi)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(b"png" if kind == "png" else b"jpg"))
    writer.setQuality(92 if kind != "png" else 60)
    if not writer.write(picture):
        raise SeatingError(f"无法生成图片：{writer.errorString()}")
    buffer.close()
    return bytes(data.data())

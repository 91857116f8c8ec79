"""What administrators write on the lock page (应用锁页面宣贯, 3.2.3.5.2)."""

from dataclasses import dataclass

HEADING_LONGEST = 24
LINE_LONGEST = 60
MOST_LINES = 6
PICTURE_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True)
class LockAppearance:
    """Notice and background. `picture`: PNG or JPEG bytes that fill the page; empty for the built-in gradient."""

    caption: str = "安全提示"
    heading: str = "涉密不上网，上网不涉密"
    lines: tuple[str, ...] = (
        "不在工作群发送涉密文件和内部敏感信息。",
        "收到陌生链接先核实再打开。",
        "发现异常登录，立即联系单位管理员。",
    )
    picture: bytes = b""


DEFAULT = LockAppearance()


class BadAppearance(ValueError):
    """The texts or the picture cannot be shown; the message is for the administrator."""


def checked(appearance: LockAppearance) -> LockAppearance:
    """Return it with trimmed texts; raises BadAppearance."""
    heading = appearance.heading.strip()
    lines = tuple(line.strip() for line in appearance.lines if line.strip())
    if not heading:
        raise BadAppearance("请填写宣贯标题。")
    if len(heading) > HEADING_LONGEST:
        raise BadAppearance(f"标题不能超过 {HEADING_LONGEST} 字。")
    if len(lines) > MOST_LINES:
        raise BadAppearance(f"正文不能超过 {MOST_LINES} 行。")
    if any(len(line) > LINE_LONGEST for line in lines):
        raise BadAppearance(f"正文每行不能超过 {LINE_LONGEST} 字。")
    if len(appearance.picture) > PICTURE_BYTES:
        raise BadAppearance("背景图片不能超过 2 MB。")
    return LockAppearance(appearance.caption.strip() or DEFAULT.caption, heading, lines, appearance.picture)

"""Pinyin and initials of names, with the readings that surnames have."""

from functools import lru_cache


@lru_cache(maxsize=20_000)
def of_name(name: str) -> tuple[str, str]:
    """Return pinyin without spaces ("wangjianguo") and initials ("wjg"), in lower case."""
    from pypinyin import Style, lazy_pinyin

    surname = _SURNAME_READINGS.get(name[:2]) or _SURNAME_READINGS.get(name[:1])
    if surname is None:
        syllables = lazy_pinyin(name, style=Style.NORMAL, errors="ignore")
    else:
        taken = 2 if name[:2] in _SURNAME_READINGS else 1
        syllables = [*surname, *lazy_pinyin(name[taken:], style=Style.NORMAL, errors="ignore")]
    return "".join(syllables).lower(), "".join(syllable[:1] for syllable in syllables).lower()


_SURNAME_READINGS: dict[str, tuple[str, ...]] = {
    "曾": ("zeng",),
    "单": ("shan",),
    "解": ("xie",),
    "仇": ("qiu",),
    "查": ("zha",),
    "区": ("ou",),
    "朴": ("piao",),
    "翟": ("zhai",),
    "盖": ("ge",),
    "缪": ("miao",),
    "任": ("ren",),
    "华": ("hua",),
    "尉迟": ("yu", "chi"),
    "万俟": ("mo", "qi"),
    "长孙": ("zhang", "sun"),
    "单于": ("chan", "yu"),
    "澹台": ("tan", "tai"),
    "令狐": ("ling", "hu"),
}

"""Radicals that PDF fonts give in the place of characters (⼯ for 工), one character to one character."""

from __future__ import annotations

import unicodedata

_SUPPLEMENT = (
    "⺁厂⺈刀⺌小⺍小⺎兀⺏尢⺐尢⺒巳⺓幺⺔彑⺗心⺙攵⺛旡⺜日⺝月⺟母⺠民⺡氵⺢水⺣灬⺤爫⺥爫⺦丬⺧牛⺨犭⺫目⺬示⺭礻⺮竹⺯糸⺰纟⺱网"
    "⺲罒⺴网⺶羊⺷羊⺹老⺺聿⺻聿⺼月⺽臼⺾艹⺿艹⻀艹⻁虎⻂衤⻃西⻄西⻅见⻆角⻇角⻈讠⻉贝⻊足⻋车⻌辶⻍辶⻎辶⻏阝⻐钅⻑长⻒长⻓长"
    "⻔门⻕阜⻖阝⻗雨⻘青⻙韦⻚页⻛风⻜飞⻝食⻞食⻟食⻠饣⻡首⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻪黾⻫齐⻬齐⻭齿⻮齿⻯龙⻰龙⻱龟⻲龟⻳龟"
)
_TABLE = {ord(_SUPPLEMENT[at]): _SUPPLEMENT[at + 1] for at in range(0, len(_SUPPLEMENT), 2)} | {
    code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)
}


def without_radicals(text: str) -> str:
    """`text` with characters where radicals stood; the length stays."""
    return text.translate(_TABLE)

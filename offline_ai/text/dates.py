"""Dates and times as people write them: 下周三, 月底, 下班前, 十月十五日, 5个工作日内; each resolved from a given day."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from offline_ai.text.numerals import NUMERAL, number

END_OF_WORK = time(18, 0)
_N = rf"(?:{NUMERAL})"
_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6, "末": 6}
_HOLIDAYS = {
    "元旦": (1, 1),
    "劳动节": (5, 1),
    "五一": (5, 1),
    "国庆节": (10, 1),
    "国庆": (10, 1),
    "十一": (10, 1),
}
_PARTS = {
    "凌晨": 0,
    "早上": 0,
    "上午": 0,
    "早晨": 0,
    "中午": 12,
    "下午": 12,
    "傍晚": 12,
    "晚上": 12,
    "今晚": 12,
    "晚": 12,
}
_PART_TIMES = {
    "凌晨": time(6, 0),
    "早上": time(9, 0),
    "早晨": time(9, 0),
    "上午": time(12, 0),
    "中午": time(12, 0),
    "下午": END_OF_WORK,
    "傍晚": time(19, 0),
    "晚上": time(22, 0),
    "晚": time(22, 0),
}


@dataclass(frozen=True, slots=True)
class DateFound:
    """`text[start:end]` means the day `day`, at `time` where one is said; `before` for 前 and 内 (a due date)."""

    start: int
    end: int
    text: str
    day: date
    time: time | None = None
    before: bool = False

    @property
    def moment(self) -> datetime:
        """Day and time; a day without a time ends with the office hours."""
        return datetime.combine(self.day, self.time or END_OF_WORK)


_Reading = tuple[date, time | None]
_Reader = Callable[[re.Match[str], date], "_Reading | None"]


def _safe(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _month(today: date, shift: int) -> tuple[int, int]:
    months = today.year * 12 + today.month - 1 + shift
    return months // 12, months % 12 + 1


def _last(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _day(value: date | None) -> _Reading | None:
    return (value, None) if value is not None else None


def _full(match: re.Match[str], today: date) -> _Reading | None:
    year, month, day = (number(match[name]) for name in ("year", "month", "day"))
    if year is None or month is None or day is None:
        return None
    return _day(_safe(year + 2000 if year < 100 else year, month, day))


def _shift_year(word: str | None, today: date) -> int | None:
    shifts = {"今年": 0, "本年": 0, "明年": 1, "后年": 2, "去年": -1, "前年": -2}
    return today.year + shifts[word] if word in shifts else None


def _month_day(match: re.Match[str], today: date) -> _Reading | None:
    month, day = number(match["month"]), number(match["day"])
    if month is None or day is None:
        return None
    year = _shift_year(match["yearword"], today)
    if year is not None:
        return _day(_safe(year, month, day))
    found = _safe(today.year, month, day) or _safe(today.year + 1, month, day)
    # In November "1月5日" is next year's, in January "12月20日" is last year's: the nearer one is meant.
    if found is not None and (today - found).days > 183:
        found = _safe(found.year + 1, month, day)
    elif found is not None and (found - today).days > 300:
        found = _safe(found.year - 1, month, day)
    return _day(found)


def _this_month_day(match: re.Match[str], today: date) -> _Reading | None:
    day = number(match["day"])
    if day is None:
        return None
    word = match["monthword"]
    if word:
        year, month = _month(
            today, {"本月": 0, "这个月": 0, "当月": 0, "下月": 1, "下个月": 1, "上月": -1, "上个月": -1}[word]
        )
        return _day(_safe(year, month, day))
    found = _safe(today.year, today.month, day)
    if found is None or found < today:
        found = _safe(*_month(today, 1), day)
    return _day(found)


def _month_part(match: re.Match[str], today: date) -> _Reading | None:
    word, numeral = match["monthword"], match["month"]
    if numeral:
        month = number(numeral)
        if month is None or not 1 <= month <= 12:
            return None
        year = _shift_year(match["yearword"], today)
        if year is None:
            year = today.year if _last(today.year, month) >= today - timedelta(days=183) else today.year + 1
    else:
        year, month = _month(today, {"下月": 1, "下个月": 1, "上月": -1, "上个月": -1}.get(word or "", 0))
    day = {"底": 31, "末": 31, "初": 5, "上旬": 10, "中旬": 20, "下旬": 31, "中": 15, "份": 31}[match["part"]]
    return date(year, month, min(day, monthrange(year, month)[1])), None


def _year_part(match: re.Match[str], today: date) -> _Reading | None:
    year = _shift_year(match["yearword"], today) or today.year
    if match["part"] in ("底", "末"):
        return date(year, 12, 31), None
    if match["part"] == "初":
        return date(year, 1, 31), None
    return date(year, 6, 30), None


def _quarter(match: re.Match[str], today: date) -> _Reading | None:
    if match["quarter"]:
        quarter = number(match["quarter"])
        if quarter is None or not 1 <= quarter <= 4:
            return None
        return _last(today.year, quarter * 3), None
    shift = 1 if match["word"].startswith("下") else 0
    quarter = (today.month - 1) // 3 + shift
    return _last(today.year + quarter // 4, quarter % 4 * 3 + 3), None


def _week(match: re.Match[str], today: date) -> _Reading | None:
    weekday = _WEEKDAYS[match["day"]]
    word = match["week"] or ""
    monday = today - timedelta(days=today.weekday())
    if word.startswith(("本", "这")):
        return monday + timedelta(days=weekday), None
    if word.startswith("上"):
        return monday + timedelta(days=weekday - 7), None
    if word.startswith("下"):
        return monday + timedelta(days=weekday + 7 * word.count("下")), None
    return today + timedelta(days=(weekday - today.weekday()) % 7), None


def _relative(match: re.Match[str], today: date) -> _Reading | None:
    shifts = {
        "大前天": -3, "前天": -2, "前日": -2, "昨天": -1, "昨日": -1, "昨晚": -1, "今天": 0, "今日": 0, "当天": 0, "当日": 0,
        "今晚": 0, "今早": 0, "即日": 0, "明天": 1, "明日": 1, "明早": 1, "明晚": 1, "后天": 2, "后日": 2, "大后天": 3,
    }  # fmt: skip
    word = match["word"]
    at = time(22, 0) if word.endswith("晚") else time(9, 0) if word.endswith("早") else None
    return today + timedelta(days=shifts[word]), at


def _after(match: re.Match[str], today: date) -> _Reading | None:
    text = match["count"]
    count = 0.5 if text == "半" else number(text)
    if count is None or count > 1000:
        return None
    unit = match["unit"]
    if "工作日" in unit:
        day = today
        for _ in range(int(count)):
            day += timedelta(days=1)
            while day.weekday() > 4:
                day += timedelta(days=1)
        return day, None
    if unit in ("天", "日", "个自然日"):
        return today + timedelta(days=int(count)), None
    if unit in ("周", "个星期", "星期", "个礼拜"):
        return today + timedelta(days=int(7 * count)), None
    if unit == "年":
        months = int(12 * count)
    elif count == 0.5:
        return today + timedelta(days=15), None
    else:
        months = int(count)
    year, month = _month(today, months)
    return date(year, month, min(today.day, monthrange(year, month)[1])), None


def _weekpart(match: re.Match[str], today: date) -> _Reading | None:
    word = match["word"]
    monday = today - timedelta(days=today.weekday())
    weeks = word.count("下")
    end = 4 if word.endswith(("内", "周", "星期", "底")) else 0 if word.endswith("初") else 6
    return monday + timedelta(days=7 * weeks + end), None


def _holiday(match: re.Match[str], today: date) -> _Reading | None:
    month, day = _HOLIDAYS[match["name"]]
    found = date(today.year, month, day)
    if found < today:
        found = date(today.year + 1, month, day)
    return found - timedelta(days=1), None


def _end_of_work(match: re.Match[str], today: date) -> _Reading | None:
    return today, END_OF_WORK


_YEARWORD = r"(?P<yearword>今年|明年|后年|去年|前年|本年)?"
_MONTHWORD = r"(?P<monthword>本月|这个月|当月|下月|下个月|上月|上个月)"
_PATTERNS: tuple[tuple[re.Pattern[str], _Reader], ...] = tuple(
    (re.compile(pattern), reader)
    for pattern, reader in (
        (rf"(?P<year>\d{{4}}|[〇零○一二三四五六七八九]{{4}}|\d{{2}})年(?P<month>{_N})月(?P<day>{_N})[日号]?", _full),
        (r"(?<![\d.])(?P<year>\d{4})(?P<s>[-/.])(?P<month>\d{1,2})(?P=s)(?P<day>\d{1,2})(?![\d.])", _full),
        (rf"{_YEARWORD}(?P<month>{_N})月份?(?P<day>{_N})[日号]", _month_day),
        (rf"{_YEARWORD}(?:{_MONTHWORD}|(?P<month>{_N})月)(?P<part>底|末|初|上旬|中旬|下旬|份(?=前|内|完成))", _month_part),
        (r"(?P<yearword>\b)?(?P<monthword>\b)?(?P<month>(?!))?(?<![一二三四五六七八九十\d个])月(?P<part>底|末|初)", _month_part),
        (rf"{_MONTHWORD}(?P<day>{_N})[日号]", _this_month_day),
        (r"(?P<yearword>今年|明年|后年|去年|本年)?年?(?P<part>底|末|初|中)(?<=年.)", _year_part),
        (r"(?P<word>第)(?P<quarter>[一二三四1-4])季度[末底]?", _quarter),
        (r"(?P<word>本季度|这季度|下季度|下个季度|季度)(?P<quarter>(?!))?[末底]?(?=末|底|前|内|[，。；完])", _quarter),
        (r"(?P<week>(?:本|这|上|下{1,3})个?)?(?:周|星期|礼拜)(?P<day>[一二三四五六日天末])(?![一二三四五六日天期气])", _week),
        (r"(?P<word>本周|这周|下{1,2}周|本星期|下个?星期)(?:初|底)?(?P<x>(?=前|内|完|报|，|。))", _weekpart),
        (r"(?P<word>大前天|大后天|前天|昨天|昨日|昨晚|今天|今日|今晚|今早|当天|当日|即日|明天|明日|明早|明晚|后天)", _relative),
        (
            rf"(?P<count>半|{_N})(?P<unit>个工作日|工作日|个自然日|天|日|个星期|个礼拜|星期|周|个月|年)(?=之?内|以内|之?后|以后)",
            _after,
        ),
        (r"(?P<name>元旦|劳动节|五一|国庆节|国庆|十一)(?=节?前)", _holiday),
        (r"(?<![月\d一二三四五六七八九十])(?P<monthword>\b)?(?P<day>\d{1,2}|[一二三]?十[一二三四五六七八九]?)[日号](?=前|之前|以前|上午|下午|内|截止|晚|早)", _this_month_day),
        (r"(?P<word>下班)(?=之?前|以前)", _end_of_work),
    )
)  # fmt: skip
_TIME = re.compile(
    rf"\s*(?P<part>凌晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚)?\s*(?:(?P<hour>\d{{1,2}}|[一二两三四五六七八九十]+)"
    rf"(?:[:：](?P<min>\d{{2}})|[点时](?:(?P<half>半)|(?P<quarter>[一三1-3])刻|(?P<minute>{_N})分?)?)(?:整|钟)?)?"
)
_ALONE = re.compile(
    r"(?:(?P<part>凌晨|早上|早晨|上午|中午|下午|傍晚|晚上)\s*(?P<hour>\d{1,2}|[一二两三四五六七八九十]+)|(?P<hour2>\d{1,2}))"
    r"(?:[:：](?P<min>[0-5]\d)|[点时](?:(?P<half>半)|(?P<minute>\d{1,2})分?)?)(?![\d:：间])"
)
_BEFORE = re.compile(r"\s*(?:下班)?(?:之前|以前|前|之内|以内|内|截止)(?!后)")
_OFFICE = re.compile(r"\s*下班(?=之?前|以前)")


def find_dates(text: str, today: date) -> list[DateFound]:
    """All dates in the order of the text; `today` is the day the text was written."""
    readings: list[tuple[int, int, date, time | None]] = []
    for pattern, reader in _PATTERNS:
        for match in pattern.finditer(text):
            if any(start < match.end() and match.start() < end for start, end, _, _ in readings):
                continue
            reading = reader(match, today)
            if reading is not None:
                readings.append((match.start(), match.end(), *reading))
    found: list[DateFound] = []
    for start, end, day, at in sorted(readings):
        end, at = _with_time(text, end, at, "晚上" if text[end - 1] == "晚" else None)
        office = _OFFICE.match(text, end)
        if office is not None and at is None:
            end, at = office.end(), END_OF_WORK
        if found and start < found[-1].end:
            continue
        # 明天下班前: the second reading belongs to the first.
        before = _BEFORE.match(text, end)
        stop = before.end() if before is not None else end
        found.append(DateFound(start, stop, text[start:stop], day, at, before is not None))
    found.extend(_times_alone(text, today, found))
    return sorted(found, key=lambda one: one.start)


def _with_time(text: str, end: int, at: time | None, implied: str | None) -> tuple[int, time | None]:
    match = _TIME.match(text, end)
    if match is None or not (match["part"] or match["hour"]):
        return end, at
    if not match["hour"]:
        return match.end(), _PART_TIMES[match["part"]]
    said = _clock(
        match["part"] or implied,
        match["hour"],
        match["min"] or match["minute"],
        match["half"],
        match["quarter"],
    )
    return (match.end(), said) if said is not None else (end, at)


def _clock(
    part: str | None, hour: str, minute: str | None, half: str | None, quarter: str | None
) -> time | None:
    hours = number(hour)
    minutes = (
        30 if half else (number(quarter) or 0) * 15 if quarter else (number(minute) or 0) if minute else 0
    )
    if hours is None or minutes > 59:
        return None
    if _PARTS.get(part or "", 0) == 12 and hours < 12 and not (part == "中午" and hours >= 11):
        hours += 12
    return time(hours % 24, minutes) if hours <= 24 else None


def _times_alone(text: str, today: date, taken: list[DateFound]) -> list[DateFound]:
    found: list[DateFound] = []
    for match in _ALONE.finditer(text):
        if any(one.start < match.end() and match.start() < one.end for one in taken):
            continue
        if match.start() and text[match.start() - 1].isdigit():
            continue
        at = _clock(
            match["part"],
            match["hour"] or match["hour2"],
            match["min"] or match["minute"],
            match["half"],
            None,
        )
        if at is None:
            continue
        before = _BEFORE.match(text, match.end())
        # "3点要求" are points, not hours: alone, an hour needs a part of the day, minutes, or 前.
        if not (match["part"] or match["min"] or before):
            continue
        stop = before.end() if before is not None else match.end()
        found.append(
            DateFound(match.start(), stop, text[match.start() : stop], today, at, before is not None)
        )
    return found

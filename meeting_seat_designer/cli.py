"""The commands arrange, lint, explain, diff, export, cards, sync and template; exit codes 0, 1 and 2.

0: done. 1: done, but there are warnings and --strict asked to treat them as errors. 2: bad input or arguments.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import NoReturn

from meeting_seat_designer.engine.arrange.changes import changes, describe
from meeting_seat_designer.engine.arrange.explain import explain
from meeting_seat_designer.engine.codec import to_plain
from meeting_seat_designer.engine.edits.base import History
from meeting_seat_designer.engine.edits.people import AddPeople, SetPerson, SetRules
from meeting_seat_designer.engine.edits.seating import Arrange
from meeting_seat_designer.engine.errors import SeatingError
from meeting_seat_designer.engine.files import load, save
from meeting_seat_designer.engine.geometry import FRAMES
from meeting_seat_designer.engine.lint.linter import lint
from meeting_seat_designer.engine.lint.warning import SeatWarning
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.layout import EVEN_RULES, HONOUR_SIDES
from meeting_seat_designer.engine.order.reasons import version_text, wait_texts
from meeting_seat_designer.engine.tables.people_io import read_people
from meeting_seat_designer.engine.tables.rules_io import read_rules
from meeting_seat_designer.engine.templates import TEMPLATES, template

OA_TOKEN = "ZHENGDING_OA_TOKEN"
FORMATS = ("pdf", "png", "jpg", "svg", "xlsx")


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors are Chinese and end with exit code 2."""

    def error(self, message: str) -> NoReturn:
        """Print usage and the mistake, then exit."""
        for english, chinese in (
            ("the following arguments are required", "缺少参数"),
            ("invalid choice", "取值无效"),
            ("choose from", "可选"),
            ("unrecognized arguments", "无法识别的参数"),
            ("expected one argument", "需要一个值"),
            ("argument ", "参数 "),
            ("invalid int value", "应为整数"),
            ("invalid float value", "应为数字"),
        ):
            message = message.replace(english, chinese)
        self.print_usage(sys.stderr)
        print(f"参数有误：{message}", file=sys.stderr)
        sys.exit(2)


def _parser() -> _Parser:
    parser = _Parser(prog="meeting_seat_designer", description="会议排座命令行")
    commands = parser.add_subparsers(dest="command", required=True, metavar="命令")
    one = commands.add_parser("arrange", help="按规则排座")
    one.add_argument("layout", type=Path, metavar="LAYOUT.json")
    one.add_argument("people", type=Path, metavar="PEOPLE.(xlsx|csv|json)")
    one.add_argument("--rules", type=Path, metavar="RULES.(json|xlsx)", help="排序规则文件")
    one.add_argument("--honour", choices=tuple(HONOUR_SIDES), help="尊位：left 左为尊，right 右为尊")
    one.add_argument("--even", choices=tuple(EVEN_RULES), help="双数规则")
    one.add_argument("--title", default="", help="会议名称")
    one.add_argument("--strict", action="store_true", help="有提醒时以 1 退出")
    one.add_argument("-o", "--output", type=Path, required=True, metavar="PLAN.json")
    two = commands.add_parser("lint", help="检查座位预警")
    two.add_argument("plan", type=Path, metavar="PLAN.json")
    two.add_argument("--strict", action="store_true", help="有提醒时以 1 退出")
    two.add_argument("--json", action="store_true", help="以 JSON 输出")
    three = commands.add_parser("explain", help="说明某个座位为何这样安排")
    three.add_argument("plan", type=Path, metavar="PLAN.json")
    three.add_argument("seat", metavar="SEAT")
    three.add_argument("--json", action="store_true", help="以 JSON 输出")
    four = commands.add_parser("diff", help="比较两个方案")
    four.add_argument("first", type=Path, metavar="A.json")
    four.add_argument("second", type=Path, metavar="B.json")
    four.add_argument("--json", action="store_true", help="以 JSON 输出")
    five = commands.add_parser("export", help="导出座位图、座次表、签到表")
    five.add_argument("plan", type=Path, metavar="PLAN.json")
    five.add_argument("--format", choices=FORMATS, required=True)
    five.add_argument("--frame", choices=tuple(FRAMES), default="audience")
    five.add_argument("--paper", default="auto", help="纸张：auto、A4、A3、A2、A1、A0")
    five.add_argument("--tile", default="", help="拼接打印的单张纸张，如 A4（仅 PDF）")
    five.add_argument("--by", choices=("unit", "seat"), default="unit", help="签到表按单位或座位（仅 xlsx）")
    five.add_argument("--dpi", type=int, default=200, help="图片分辨率")
    five.add_argument("-o", "--output", type=Path, metavar="FILE")
    six = commands.add_parser("cards", help="制作座牌")
    six.add_argument("plan", type=Path, metavar="PLAN.json")
    six.add_argument("--preset", default="tent_a4", metavar="NAME")
    six.add_argument("--content", choices=("name", "unit", "both"), default=None)
    six.add_argument("--font", default=None, help="字体，如 楷体")
    six.add_argument("--order", choices=("walk", "unit", "rank"), default="walk")
    six.add_argument("-o", "--output", type=Path, required=True, metavar="FILE.pdf")
    eight = commands.add_parser("sync", help="从 OA 会议系统同步参会人员")
    eight.add_argument("plan", type=Path, metavar="PLAN.json")
    eight.add_argument("--url", required=True, help="OA 接口地址，https:// 开头")
    eight.add_argument("--meeting", default="", help="OA 中的会议编号，首次同步必填")
    eight.add_argument("--whole", action="store_true", help="重新取全部名单")
    eight.add_argument("-o", "--output", type=Path, metavar="PLAN.json", help="另存；缺省写回原文件")
    seven = commands.add_parser("template", help="生成常用会议室布局")
    seven.add_argument("name", choices=tuple(TEMPLATES))
    seven.add_argument("-o", "--output", type=Path, required=True, metavar="LAYOUT.json")
    return parser


def main(arguments: list[str]) -> int:
    """Run one command; messages go to stderr, results to stdout."""
    args = _parser().parse_args(arguments)
    try:
        return _COMMANDS[args.command](args)
    except SeatingError as error:
        print(f"错误：{error}", file=sys.stderr)
        return 2


def _load(path: Path) -> Document:
    document = load(path)
    document.current()
    return document


def _arrange(args: argparse.Namespace) -> int:
    document = _load(args.layout)
    table = read_people(args.people)
    history = History(document)
    if args.rules:
        history.run(SetRules(read_rules(args.rules)))
    if args.honour:
        history.run(SetRules(honour=args.honour))
    if args.even:
        history.run(SetRules(even=args.even))
    if args.title:
        document.meeting.title = args.title
    known = document.people_map()
    incoming = {person.id for person in table.people}
    history.run(AddPeople([person for person in table.people if person.id not in known]))
    for person in list(document.people):
        if person.id not in incoming and person.status == "attending":
            history.run(SetPerson(person.id, status="cancelled"))
    history.run(Arrange("all"))
    for mistake in table.errors:
        where = f"第 {mistake.row} 行：" if mistake.row else ""
        print(f"名单有误：{where}{mistake.text}", file=sys.stderr)
    if not document.people:
        raise SeatingError("名单中没有可用的人员", where=str(args.people))
    save(document, args.output)
    warnings = lint(document)
    _print_warnings(warnings)
    people = document.people_map()
    for name, reason in wait_texts(document).items():
        print(f"待排：{people[name].name}（{reason}）", file=sys.stderr)
    print(
        f"已排 {len(document.plan.seats)} 人，待排 {len(document.plan.waiting)} 人，提醒 {len(warnings)} 处"
    )
    return 1 if args.strict and (warnings or table.errors) else 0


def _print_warnings(warnings: list[SeatWarning]) -> None:
    marks = {"error": "错误", "warning": "提醒", "note": "说明"}
    for warning in warnings:
        print(
            f"{marks[warning.level]}［{warning.name}］{warning.text}　可{warning.fix.label}", file=sys.stderr
        )


def _lint(args: argparse.Namespace) -> int:
    warnings = lint(_load(args.plan))
    if args.json:
        plain = [
            {
                "code": w.code,
                "level": w.level,
                "text": w.text,
                "fix": w.fix.label,
                "seats": list(w.seats),
                "people": list(w.people),
            }
            for w in warnings
        ]
        print(json.dumps(plain, ensure_ascii=False, indent=1))
    else:
        _print_warnings(warnings)
        print(f"提醒 {len(warnings)} 处" if warnings else "没有提醒")
    return 1 if args.strict and warnings else 0


def _explain(args: argparse.Namespace) -> int:
    document = _load(args.plan)
    result = explain(document, args.seat)
    if args.json:
        print(json.dumps(to_plain(result), ensure_ascii=False, indent=1))
        return 0
    if result.name:
        parts = [part for part in (result.name, result.unit, result.rank, result.level) if part]
        print(f"{result.code}　{' · '.join(parts)}　总排序第 {result.place} 位（共 {result.total} 人）")
    print(result.text)
    return 0


def _diff(args: argparse.Namespace) -> int:
    first, second = _load(args.first), _load(args.second)
    found = changes(first.plan.seats, second.plan.seats)
    if args.json:
        plain = [{"person": c.person, "kind": c.kind, "from": c.before, "to": c.after} for c in found]
        print(json.dumps(plain, ensure_ascii=False, indent=1))
        return 0
    for change in found:
        print(describe(change, first, second))
    moved = sum(1 for change in found if change.kind == "moved")
    print(f"变动 {len(found)} 人，其中换座 {moved} 人" if found else "两个方案座位相同")
    return 0


def _export(args: argparse.Namespace) -> int:
    from meeting_seat_designer.exports.export import export_plan

    document = _load(args.plan)
    target = args.output or args.plan.with_suffix(f".{args.format}")
    export_plan(
        document,
        target,
        args.format,
        frame=args.frame,
        paper=args.paper,
        tile=args.tile,
        by=args.by,
        dpi=args.dpi,
    )
    print(f"已导出 {target}（{FRAMES[args.frame]}，{version_text(document)}）")
    return 0


def _cards(args: argparse.Namespace) -> int:
    from meeting_seat_designer.cards.export import export_cards

    document = _load(args.plan)
    result = export_cards(
        document, args.output, args.preset, content=args.content, font=args.font, order=args.order
    )
    for text in result.warnings:
        print(f"提醒：{text}", file=sys.stderr)
    print(f"已制作座牌 {result.count} 张，{result.pages} 页：{args.output}")
    return 0


def _sync(args: argparse.Namespace) -> int:
    from meeting_seat_designer.oa.client import OaClient
    from meeting_seat_designer.oa.synchronise import fetch

    document = _load(args.plan)
    meeting = args.meeting or document.meeting.id
    if not meeting:
        raise SeatingError("请用 --meeting 指明 OA 中的会议编号")
    token = os.environ.get(OA_TOKEN, "")
    if not token:
        raise SeatingError(f"请先把 OA 接口令牌放进环境变量 {OA_TOKEN}")
    same = meeting == document.meeting.id and not args.whole
    with OaClient(args.url, token) as client:
        found = fetch(document, client, meeting, document.meeting.oa_version if same else "")
    if found.synced.edit:
        History(document).run(found.synced.edit)
    for name, value in found.meeting.items():
        setattr(document.meeting, name, value)
    document.meeting.id, document.meeting.oa_version = meeting, found.version
    save(document, args.output or args.plan)
    people = document.people_map()
    for label, names in (
        ("新增", found.synced.added),
        ("取消", found.synced.cancelled),
        ("变更", found.synced.changed),
    ):
        for name in names:
            print(f"{label}：{people[name].label}（{people[name].unit or '未填单位'}）")
    kind = "全部名单" if found.whole else "变更"
    added, cancelled, changed = (len(part) for part in found.synced[1:])
    print(f"已同步{kind}：新增 {added} 人，取消 {cancelled} 人，变更 {changed} 人")
    return 0


def _template(args: argparse.Namespace) -> int:
    document = template(args.name)
    save(document, args.output)
    print(f"已生成“{TEMPLATES[args.name][0]}”布局，{len(list(document.seats()))} 座：{args.output}")
    return 0


_COMMANDS = {
    "arrange": _arrange,
    "lint": _lint,
    "explain": _explain,
    "diff": _diff,
    "export": _export,
    "cards": _cards,
    "sync": _sync,
    "template": _template,
}

"""Groups at full depth: settings, code, number, joining, requests, announcement, files, groupings, status."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtWidgets import QDialog, QWidget

from app.features.admin.groups.control import ControlDialog
from app.features.admin.groups.view import GroupsSection
from app.features.chat import detail_actions
from app.features.chat.detail_feed import Details
from app.features.chat.detail_view import DetailView
from app.features.chat.group_announcement import AnnouncementDialog
from app.features.chat.group_code import CodeDialog, NumberDialog
from app.features.chat.group_join import JoinDialog
from app.features.chat.group_requests import RequestsDialog
from app.features.chat.group_space import SpaceDialog
from app.features.chat.list_arrangement import Folder, Layout
from app.features.chat.list_folders import FoldersDialog, LayoutDialog
from app.features.chat.list_model import ListFilter
from app.features.chat.list_picker import GROUPS, TREE, USUAL, PeoplePicker
from app.features.chat.list_view import ConversationListView
from app.features.chat.status_dialog import StatusDialog
from app.shell.tasks import Tasks
from server_stub.contract.conversations import MemberRole
from server_stub.contract.group_rules import JoinRule, Who
from server_stub.contract.groups import (
    AdminGroup,
    AdminGroupMember,
    AdminGroupMembers,
    AdminGroups,
    GroupLimits,
    GroupLimitsChange,
    JoinRequest,
)
from server_stub.contract.personal import PersonStatus, StatusKind
from widgets.theme import ThemeManager

from . import chats
from .chat_service import ShowcaseChat
from .contacts_service import ShowcaseContacts
from .group_service import CODE
from .office import BY_ID, NOW_MS, PEOPLE

ID = chats.FLOOD


def _failed(error: BaseException, doing: str) -> None:
    raise RuntimeError(doing) from error


def service(me: str = "p-wang") -> ShowcaseChat:
    """A chat whose group has something of everything."""
    made = ShowcaseChat(me=BY_ID[me])
    groups, row = made.groups, made.conversations[ID]
    made.conversations[ID] = replace(
        row, announcement_version=1, announced_by="p-wang", announced_at=NOW_MS - 7_200_000
    )
    made.member_rows[ID] = [
        replace(one, announcement_seen=n % 2, muted_until=NOW_MS + 3_600_000 if n == 3 else 0)
        for n, one in enumerate(made.member_rows[ID])
    ]
    groups.requests_of[ID] = [
        JoinRequest(
            id="r-1", conversation_id=ID, person_id="p-aji", note="我是专班新来的，负责中原区的排涝信息报送"
        ),
        JoinRequest(id="r-2", conversation_id=ID, person_id="p-sun", inviter_id="p-li"),
    ]
    rules = groups.put_entry(ID, "制度与预案", folder=True, author_id="p-wang", write=Who.MANAGERS)
    groups.put_entry(ID, "各区县值守名单", folder=True, author_id="p-li")
    groups.put_entry(
        ID,
        "郑州市防汛应急预案（2025年修订版征求意见稿）附表一至附表十二汇总.docx",
        size=2_480_000,
        author_id="p-li",
    )
    groups.put_entry(ID, "泵站备用电源核查表.xlsx", size=86_000, author_id="p-zhao")
    groups.put_entry(ID, "一级响应流程.pdf", size=640_000, author_id="p-wang", parent_id=rules.entry.id)
    groups.values = {
        "folder/1": Folder("folder/1", "防汛", 0, frozenset({ID, "c-hw"})).value,
        "folder/2": Folder("folder/2", "领导交办", 1, frozenset({"c-zhao"})).value,
    }
    groups.statuses = {
        "p-zhao": PersonStatus(person_id="p-zhao", kind=StatusKind.MEETING),
        "p-sun": PersonStatus(person_id="p-sun", kind=StatusKind.CUSTOM, text="出差，周三回"),
    }
    return made


async def details_of(chat: ShowcaseChat, id: str = ID) -> Details:
    """What the panel shows."""
    members = await chat.members(id)
    people = await chat.people([one.person_id for one in members])
    return Details(chat.conversations[id], chat.me.id, members, people, await chat.files(id, 200))


async def _panel(
    themes: ThemeManager, *, me: str = "p-wang", id: str = ID, settings: bool = False
) -> QWidget:
    tasks = Tasks(_failed)
    made = DetailView(service(me), themes, tasks)
    made.open(id)
    made.resize(themes.theme.sizes.panel, 900)
    made.show()
    await tasks.settle()
    if settings:
        made.main.action_wanted.emit(detail_actions.SETTINGS)
    return made


async def panel(themes: ThemeManager, _data: Path) -> QWidget:
    return await _panel(themes)


async def panel_single(themes: ThemeManager, _data: Path) -> QWidget:
    return await _panel(themes, id="c-zhao")


async def settings(themes: ThemeManager, _data: Path) -> QWidget:
    return await _panel(themes, settings=True)


async def settings_member(themes: ThemeManager, _data: Path) -> QWidget:
    return await _panel(themes, me="p-li", settings=True)


async def _dialog(made: QDialog) -> QDialog:
    made.show()
    tasks: Tasks | None = getattr(made, "tasks", None)
    if tasks is not None:
        await tasks.settle()
    return made


async def code(themes: ThemeManager, _data: Path) -> QWidget:
    return await _dialog(CodeDialog(service().groups, themes, ID, "全市防汛值守联络群", can_renew=True))


async def number(themes: ThemeManager, _data: Path) -> QWidget:
    groups = service().groups
    return await _dialog(
        NumberDialog(groups, themes, await groups.code(ID, face=True), lambda: NOW_MS, lambda: 3)
    )


async def join(themes: ThemeManager, _data: Path) -> QWidget:
    groups = service().groups
    groups.rule = JoinRule.APPROVAL
    made = JoinDialog(groups, groups.picture, themes)
    made.show()
    made.code.setText(CODE)
    made.go.click()
    await made.tasks.settle()
    return made


async def join_wrong(themes: ThemeManager, _data: Path) -> QWidget:
    groups = service().groups
    made = JoinDialog(groups, groups.picture, themes)
    made.show()
    made.code.setText("0000")
    made.go.click()
    await made.tasks.settle()
    return made


async def requests(themes: ThemeManager, _data: Path) -> QWidget:
    return await _dialog(RequestsDialog(service(), themes, ID))


async def announcement(themes: ThemeManager, _data: Path) -> QWidget:
    return await _dialog(AnnouncementDialog(themes, await details_of(service())))


async def space(themes: ThemeManager, _data: Path) -> QWidget:
    chat = service()
    return await _dialog(SpaceDialog(chat, themes, await details_of(chat)))


async def space_empty(themes: ThemeManager, _data: Path) -> QWidget:
    chat = service("p-li")
    chat.groups.entries.clear()
    return await _dialog(SpaceDialog(chat, themes, await details_of(chat)))


async def folders(themes: ThemeManager, _data: Path) -> QWidget:
    made = [Folder("folder/1", "防汛"), Folder("folder/2", "领导交办", 1), Folder("folder/3", "会务", 2)]
    return await _dialog(FoldersDialog(themes, made))


async def layout(themes: ThemeManager, _data: Path) -> QWidget:
    entries = [(one.value, one.value) for one in ListFilter]
    shown = Layout(("全部", "@我"), frozenset({"单聊"}))
    return await _dialog(LayoutDialog(themes, "自定义菜单栏", entries, shown, ("全部",)))


async def status(themes: ThemeManager, _data: Path) -> QWidget:
    now = PersonStatus(person_id="p-wang", kind=StatusKind.CUSTOM, text="出差，周三回")
    return await _dialog(StatusDialog(service().personal, themes, now, lambda: NOW_MS))


async def _list(themes: ThemeManager, *, focus: bool) -> QWidget:
    tasks = Tasks(_failed)
    chat = service()
    if focus:
        chat.groups.values["focus"] = True
    made = ConversationListView(chat, themes, tasks)
    made.resize(themes.theme.sizes.list, 768)
    made.show()
    made.start()
    await tasks.settle()
    return made


async def list_folders(themes: ThemeManager, _data: Path) -> QWidget:
    return await _list(themes, focus=False)


async def list_focus(themes: ThemeManager, _data: Path) -> QWidget:
    return await _list(themes, focus=True)


class ShowcaseGroupsAdmin:
    """See app.features.admin.groups.service."""

    def __init__(self) -> None:
        self.limits = GroupLimits()
        self.rows = [
            _admin("g-1", "全市防汛值守联络群", "王建国", 1860, large=True),
            _admin(
                "g-2",
                "郑州市优化营商环境暨政务服务提质增效专项行动工作推进协调联络群",
                "赵敏",
                1204,
                large=True,
            ),
            _admin("g-3", "城区防汛调度工作群", "李强", 86, limit=100),
            _admin("g-4", "", "孙丽华", 5),
        ]

    async def groups(
        self, text: str, offset: int, limit: int, *, member: str = "", manager: str = ""
    ) -> AdminGroups:
        rows = [one for one in self.rows if text in one.name and (not (member or manager) or one.id == "g-3")]
        return AdminGroups(groups=rows, total=len(rows), large=2, limits=self.limits)

    async def set_limits(self, change: GroupLimitsChange) -> GroupLimits:
        self.limits = GroupLimits(
            group_members=change.group_members or 0,
            large_from=change.large_from or 0,
            large_groups=change.large_groups or 0,
        )
        return self.limits

    async def set_group_limit(self, id_: str, member_limit: int) -> AdminGroup:
        place = next(n for n, one in enumerate(self.rows) if one.id == id_)
        self.rows[place] = msgspec.structs.replace(self.rows[place], member_limit=member_limit)
        return self.rows[place]

    async def members(self, id_: str, limit: int) -> AdminGroupMembers:
        names = ("李强", "冯雪", "王建国", "赵敏", "孙丽华", "周明", "吴秀英", "郑志强", "马晓东", "何海燕")
        roles = {0: MemberRole.OWNER, 1: MemberRole.ADMIN}
        found = [
            AdminGroupMember(
                person_id=f"p-{n}",
                name=name,
                role=roles.get(n, MemberRole.MEMBER),
                joined_at=NOW_MS - 86_400_000 * (40 - n),
            )
            for n, name in enumerate(names)
        ]
        return AdminGroupMembers(members=found, total=86)

    async def change(self, id_: str, **change: Any) -> AdminGroup:
        place = next(n for n, one in enumerate(self.rows) if one.id == id_)
        if change.get("name"):
            self.rows[place] = msgspec.structs.replace(self.rows[place], name=change["name"])
        return self.rows[place]

    async def dissolve(self, id_: str) -> None:
        self.rows = [one for one in self.rows if one.id != id_]


def _admin(id: str, name: str, owner: str, count: int, *, limit: int = 0, large: bool = False) -> AdminGroup:
    return AdminGroup(
        id=id,
        name=name,
        owner_id="p",
        owner_name=owner,
        member_count=count,
        member_limit=limit,
        large=large,
        created_at=NOW_MS - 86_400_000 * 40,
    )


async def control(themes: ThemeManager, _data: Path) -> QWidget:
    host = QWidget()
    service = ShowcaseGroupsAdmin()
    dialog = ControlDialog(service, ShowcaseContacts(), themes, service.rows[2], host)
    dialog.host = host  # type: ignore[attr-defined]
    dialog.show()
    await dialog.tasks.settle()
    return dialog


async def console(themes: ThemeManager, _data: Path) -> QWidget:
    made = GroupsSection(ShowcaseGroupsAdmin(), themes, source=ShowcaseContacts())
    made.resize(980, 700)
    made.show()
    made.entered()
    await made.tasks.settle()
    return made


async def _picker(themes: ThemeManager, place: str) -> QWidget:
    chat = ShowcaseChat()
    people = await chat.people([one.id for one in PEOPLE[:9]])

    async def accept(_ids: list[str], _name: str) -> None:
        return None

    made = PeoplePicker(
        chat,
        themes,
        "发起群聊",
        accept,
        confirm="创建群聊",
        several=True,
        ask_name=True,
        suggested=list(people.values())[:5],
        limit=1999,
    )
    made.show()
    await made.tasks.settle()
    for row in (1, 3):
        made._opened(made.model.index(row, 0))
    made.show_place(place)
    await made.tasks.settle()
    return made


async def picker(themes: ThemeManager, _data: Path) -> QWidget:
    return await _picker(themes, USUAL)


async def picker_tree(themes: ThemeManager, _data: Path) -> QWidget:
    return await _picker(themes, TREE)


async def picker_groups(themes: ThemeManager, _data: Path) -> QWidget:
    return await _picker(themes, GROUPS)


BOOK = {
    "people-picker": picker,
    "people-picker-tree": picker_tree,
    "people-picker-groups": picker_groups,
    "console-groups": console,
    "console-group-control": control,
    "group-panel": panel,
    "group-panel-single": panel_single,
    "group-settings": settings,
    "group-settings-member": settings_member,
    "group-code": code,
    "group-number": number,
    "group-join": join,
    "group-join-wrong": join_wrong,
    "group-requests": requests,
    "group-announcement": announcement,
    "group-space": space,
    "group-space-empty": space_empty,
    "list-folders": folders,
    "list-layout": layout,
    "list-arranged": list_folders,
    "list-focus": list_focus,
    "status": status,
}

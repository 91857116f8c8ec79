"""群聊 in the console of a real server: found by a person, renamed, handed over, emptied, dissolved (3.2.3.4.2)."""

from __future__ import annotations

from typing import Any

import pytest
from bed.duo import Duo, until
from bed.duo_fixtures import duo, office_template
from bed.waits import until as wait
from PySide6.QtWidgets import QWidget

from app.features.admin.groups.control import ControlDialog
from app.features.admin.groups.service import SessionGroupsAdmin
from app.features.admin.groups.view import GroupsSection
from app.features.contacts.service import SessionContacts
from app.shell.org_picker import OrgPicker, Picked
from app.store.queries import conversations
from widgets.controls import ConfirmDialog
from widgets.theme import ThemeManager

__all__ = ["duo", "office_template"]


def shown(host: QWidget, kind: type) -> Any:
    return next((one for one in host.findChildren(kind) if one.isVisible()), None)


def choose(dialog: ControlDialog, name: str) -> None:
    dialog.list.clearSelection()
    for row in range(dialog.list.topLevelItemCount()):
        item = dialog.list.topLevelItem(row)
        item.setSelected(item.text(0) == name)


@pytest.mark.clause("3.2.3.4.2")
async def test_a_group_is_found_by_a_person_and_changed_to_its_end(qapp, duo: Duo):
    admin, feng = await duo.sign_in("admin"), await duo.sign_in("fengxue")
    wang, li = await duo.sign_in("wangjianguo"), await duo.sign_in("liqiang")
    group = await feng.conversations.create_group([wang.me.id, li.me.id], "防汛值班")
    await li.conversations.create_group([wang.me.id], "党建学习")
    told: list[str] = []
    section = GroupsSection(
        SessionGroupsAdmin(admin),
        ThemeManager(animations=False),
        told.append,
        source=SessionContacts(admin),
    )
    section.resize(1000, 700)
    section.show()
    section.entered()
    await wait(lambda: section.table.rowCount() == 2)

    # By owner and administrator: asked whom, then his groups only.
    section.by.setCurrentIndex(section.by.findData("manager"))
    section.by.activated.emit(section.by.currentIndex())
    (await wait(lambda: shown(section, OrgPicker))).reject()
    section.show_groups_of(Picked("person", feng.me.id, "冯雪"))
    await wait(lambda: section.table.rowCount() == 1)
    assert section.table.item(0, 0).text() == "防汛值班"
    assert section.person.text() == "冯雪"
    section.by.setCurrentIndex(section.by.findData("member"))
    section.show_groups_of(Picked("person", wang.me.id, "王建国"))
    await wait(lambda: section.table.rowCount() == 2)

    row = next(n for n in range(2) if section.table.item(n, 0).text() == "防汛值班")
    dialog = section.control(section.found.groups[row])
    await wait(lambda: dialog.list.topLevelItemCount() == 3)
    people = [
        tuple(dialog.list.topLevelItem(n).text(column) for column in (0, 1))
        for n in range(dialog.list.topLevelItemCount())
    ]
    assert sorted(people) == sorted([("冯雪", "群主"), ("李强", ""), ("王建国", "")])
    assert not dialog.rename.isEnabled()
    dialog.name.setText("防汛指挥")
    dialog.rename.click()
    await wait(lambda: "群名称已修改" in told)
    await until(
        wang, lambda db: conversations.get(db, group) and conversations.get(db, group).title == "防汛指挥"
    )

    # The owner is not put out; another is named first.
    await dialog.tasks.settle()
    choose(dialog, "冯雪")
    assert not dialog.remove.isEnabled()
    assert not dialog.owner.isEnabled()
    choose(dialog, "王建国")
    dialog.owner.click()
    shown(dialog, ConfirmDialog).accept_button.click()
    await wait(lambda: "群主已换为 王建国" in told)
    await dialog.tasks.settle()
    assert dialog.list.topLevelItem(0).text(0) == "王建国"
    choose(dialog, "冯雪")
    dialog.remove.click()
    asked = await wait(lambda: shown(dialog, ConfirmDialog))
    assert "将 冯雪（1 人）移出“防汛指挥”" in asked.text.text()
    asked.accept_button.click()
    await wait(lambda: "已移出 1 人" in told)
    await dialog.tasks.settle()
    assert dialog.count.text() == "共 2 人"

    # Its end asks once more; nobody writes in it after that.
    dialog.dissolve.click()
    asked = await wait(lambda: shown(dialog, ConfirmDialog))
    assert asked.accept_button.text() == "解散"
    assert not asked.accept_button.isDefault()
    asked.accept_button.click()
    await wait(lambda: "“防汛指挥”已解散" in told)
    await wait(lambda: section.table.rowCount() == 1)
    await until(wang, lambda db: db.one("SELECT dissolved FROM conversations WHERE id = ?", (group,))[0])
    await section.close_page()
    section.close()
    section.deleteLater()

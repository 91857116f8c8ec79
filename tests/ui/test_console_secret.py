"""The console's section 密聊: what is decided takes effect at once; lawful access takes another administrator."""

import pytest

from app.features.admin.secret.access_dialogs import RecordsDialog, content_words
from app.features.admin.secret.view import SecretSection
from app.session.secret import SecretBody
from app.shell.org_picker import Picked
from app.showcase.console_pages import ShowcaseSecretAdmin
from server_stub.contract.secret import RetainedMessage, SecretFile, SecretText
from widgets.theme import ThemeManager


@pytest.fixture
def service():
    return ShowcaseSecretAdmin()


@pytest.fixture
async def section(qapp, qtbot, service):
    made = SecretSection(service, ThemeManager("light", animations=False))
    made.resize(1000, 800)
    qtbot.addWidget(made)
    made.show()
    made.entered()
    await made.tasks.settle()
    yield made
    await made.close_page()


def actions(section: SecretSection, line: int) -> list:
    layout = section.cases.cellWidget(line, 6).layout()
    return [layout.itemAt(n).widget() for n in range(layout.count()) if layout.itemAt(n).widget() is not None]


@pytest.mark.clause("3.1.1.10", "3.1.1.11")
async def test_switch_times_and_retention(section, service):
    section.enabled.click()
    section.burn.setValue(60)
    section.burn.editingFinished.emit()
    await section.tasks.settle()
    assert (service.kept.enabled, service.kept.burn_s) == (False, 60)
    assert section.retention.currentText() == "7 天"
    for words, seconds in (("24 小时", 86_400), ("30 天", 2_592_000), ("不留底", 0)):
        section.retention.setCurrentText(words)
        section.retention.activated.emit(section.retention.currentIndex())
        await section.tasks.settle()
        assert service.kept.retention_s == seconds
    section.retention.setCurrentText("自定义…")
    section.retention.activated.emit(section.retention.currentIndex())
    await section.tasks.settle()
    section.days.setValue(90)
    section.days.editingFinished.emit()
    await section.tasks.settle()
    assert service.kept.retention_s == 90 * 86_400
    assert section.days.isVisibleTo(section)
    section.highest.setCurrentIndex(section.highest.findData("blacked"))
    section.highest.activated.emit(section.highest.currentIndex())
    await section.tasks.settle()
    assert service.kept.highest_needs == "blacked"


async def test_who_asked_cannot_confirm_and_only_who_asked_reads(section, service):
    texts = [[one.text() for one in actions(section, line)] for line in range(3)]
    assert texts == [["确认", "撤回"], ["调阅"], []]
    actions(section, 0)[0].click()
    await section.tasks.settle()
    assert service.asked[0].state == "granted"
    assert actions(section, 0) == []


async def test_asking_needs_a_person_and_a_reason(section, service):
    section.ask.click()
    dialog = section.dialog
    dialog.go.click()
    assert "请选择人员" in dialog.problem.text()
    dialog.choose(Picked("person", "p-wang", "王建国"))
    dialog.reason.setText("依法调取")
    dialog.go.click()
    await dialog.tasks.settle()
    await section.tasks.settle()
    assert service.asked[0].person_name == "王建国"
    assert [one.text() for one in actions(section, 0)] == ["撤回"]


async def test_granted_copies_are_forgotten_with_the_dialog(section, service, qtbot):
    body = SecretBody(SecretText(text="留底内容"))
    message = RetainedMessage(
        client_id="c", chat_id="s", sender_id="p", sender_name="王建国", receiver_name="李强", sent_at=1
    )
    dialog = RecordsDialog(ThemeManager("light"), service.asked[1], [(message, body)])
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.table.item(0, 3).text() == "留底内容"
    dialog.reject()
    assert body.is_burnt
    assert dialog.table.rowCount() == 0
    assert content_words(SecretBody(SecretFile(name="a.pdf", size=1), b"x")) == "[文件] a.pdf"

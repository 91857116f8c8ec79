"""The console's section 智能助手 over a real server: providers, words in and out, replies, quotas, usage."""

from __future__ import annotations

import time
from pathlib import Path

import docx
import openpyxl
import pytest
from bed.office import SignedInAs, running_office
from bed.upstream import Upstream
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.features.admin.assistant.knowledge import NameDialog
from app.features.admin.assistant.providers import ProviderDialog
from app.features.admin.assistant.view import AssistantSection
from app.session.assistant import AssistantCalls
from app.session.http import HttpCaller
from app.session.knowledge import KnowledgeCalls
from app.session.tokens import DeviceKey, SessionTokens
from app.showcase.console_pages import ShowcasePermissions
from server_stub.contract.knowledge import Viewer
from server_stub.contract.llm import AnswerCheck, Quota, QuotaSubject
from server_stub.contract.permissions import Subject
from server_stub.contract.sm.algorithms import Algorithms
from widgets.theme import ThemeManager

LEFT = Qt.MouseButton.LeftButton


def caller(url: str, who: SignedInAs) -> HttpCaller:
    """A client's calls with somebody's session."""
    http = HttpCaller(url, Algorithms.best())
    tokens = SessionTokens(
        server_url=url,
        session_id=who.session_id,
        access_token=who.access_token,
        refresh_token=who.refresh_token,
        expires_at=time.time() + 600,
    )

    async def keep(_tokens: SessionTokens) -> None:
        return None

    http.sign_in_as(tokens, DeviceKey(id=who.device.id, private=b"", public=b""), keep)
    return http


def column(section: AssistantSection, key: str, number: int) -> list[str]:
    table = section.pages[key].table
    return [table.item(row, number).text() for row in range(table.rowCount())]


@pytest.mark.clause(
    "3.2.6.11.2", "3.2.6.11.3", "3.2.6.11.4", "3.2.6.11.5", "3.2.6.12.1", "3.2.6.12.2", "3.2.6.12.3"
)
async def test_an_administrator_sets_everything_up(qtbot, tmp_path: Path) -> None:
    async with Upstream() as upstream, running_office(tmp_path / "server") as office:
        admin = await office.sign_in("admin")
        http = caller(office.url, admin)
        calls = AssistantCalls(http)
        section = AssistantSection(
            calls, KnowledgeCalls(http), ShowcasePermissions(), ThemeManager(animations=False)
        )
        section.resize(1000, 720)
        qtbot.addWidget(section)
        section.show()
        section.entered()
        await section.tasks.settle()
        providers = section.pages["providers"]
        assert "还没有模型服务" in providers.note.text()

        QTest.mouseClick(providers.add, LEFT)
        form = providers.dialog
        assert isinstance(form, ProviderDialog)
        form.name.setText("机房")
        form.address.setText("ftp://10.0.0.1")
        form.models.setText("good，echo")
        QTest.mouseClick(form.go, LEFT)
        await section.tasks.settle()
        assert not section.problem.isHidden()
        form = ProviderDialog(ThemeManager(animations=False), None, section)
        form.name.setText("机房")
        form.address.setText(upstream.url)
        form.models.setText("good，echo")
        form.vision.setChecked(True)
        await providers._save(None, form.setting())
        assert column(section, "providers", 2) == ["good、echo（能看图片）"]
        providers.table.selectRow(0)
        QTest.mouseClick(providers.check, LEFT)
        await section.tasks.settle()
        assert column(section, "providers", 4) == ["正常"]

        section.show_tab("words")
        await section.tasks.settle()
        words = section.pages["words"]
        for text, kind in (("绝密词", "涉密"), ("VPN", "违规工具")):
            words.text.setText(text)
            words.kind.setText(kind)
            QTest.mouseClick(words.put, LEFT)
            await section.tasks.settle()
        assert column(section, "words", 0) == ["绝密词", "VPN"]
        words.table.selectRow(1)
        assert words.text.text() == "VPN"
        words.kind.setText("工具")
        QTest.mouseClick(words.put, LEFT)
        await section.tasks.settle()
        assert column(section, "words", 1) == ["涉密", "工具"]
        await words.take_out(tmp_path / "词.csv")
        words.table.selectRow(0)
        QTest.mouseClick(words.drop, LEFT)
        await section.tasks.settle()
        assert column(section, "words", 0) == ["VPN"]
        await words.bring_in(tmp_path / "词.csv")
        assert sorted(column(section, "words", 0)) == ["VPN", "绝密词"]
        words.sample.setPlainText("用V.P.N发绝密 词")
        QTest.mouseClick(words.test, LEFT)
        await section.tasks.settle()
        assert words.result.text() == "命中 2 处：V.P.N（工具，变形）、绝密 词（涉密，变形）"
        words.sample.setPlainText("用ｖｐｎ发絕密詞，又名jue mi ci")
        QTest.mouseClick(words.test, LEFT)
        await section.tasks.settle()
        assert (
            words.result.text()
            == "命中 3 处：ｖｐｎ（工具，变形）、絕密詞（涉密，变形）、jue mi ci（涉密，拼音）"
        )

        section.show_tab("replies")
        await section.tasks.settle()
        replies = section.pages["replies"]
        kinds = [replies.kinds.item(row).text() for row in range(replies.kinds.count())]
        assert kinds == ["通用", "工具", "涉密"]
        replies.answer.setPlainText("请咨询主管部门。")
        replies.kinds.setCurrentRow(2)
        assert replies.answer.toPlainText() == ""
        assert "请咨询主管部门。" in replies.answer.placeholderText()
        # A hard blank, an ideographic one, a blank and a line at the end: nothing is evened out.
        exact = " 涉密内容\u00a0请走\u3000保密渠道。 \n"
        replies.answer.setPlainText(exact)
        replies.kinds.setCurrentRow(0)
        assert replies.answer.toPlainText() == "请咨询主管部门。"
        replies.starters.setPlainText("本周有哪些会？\n\n 汛情怎么样？ ")
        replies.check.setCurrentIndex(1)
        QTest.mouseClick(replies.save, LEFT)
        await section.tasks.settle()
        policy = await calls.policy()
        assert (policy.answer_reply, policy.check) == ("请咨询主管部门。", AnswerCheck.SENTENCES)
        assert [(one.kind, one.question, one.answer) for one in policy.replies] == [("涉密", "", exact)]
        assert policy.starters == ["本周有哪些会？", "汛情怎么样？"]
        replies.starters.setPlainText("问" * 61)
        QTest.mouseClick(replies.save, LEFT)
        await section.tasks.settle()
        assert "推荐问题" in section.problem.label.text()
        assert (await calls.policy()).starters == policy.starters

        section.show_tab("quotas")
        await section.tasks.settle()
        quotas = section.pages["quotas"]
        await section.tasks.settle()
        assert "用量不限" in quotas.unlimited.label.text()
        assert quotas.unlimited.label.isVisible()
        quotas.most.setValue(5000)
        QTest.mouseClick(quotas.everyone, LEFT)
        await section.tasks.settle()
        feng = Quota(subject=QuotaSubject.PERSON, subject_id=office.staff["fengxue"].id, tokens_per_day=9000)
        quotas._put([feng])
        await section.tasks.settle()
        assert column(section, "quotas", 1) == ["所有人", "冯雪"]
        quotas.table.selectRow(0)
        QTest.mouseClick(quotas.drop, LEFT)
        await section.tasks.settle()
        assert column(section, "quotas", 2) == ["9,000"]

        given = {"changes": [{"subject": "everyone", "allow": True}]}
        await admin.http.post("/admin/features/assistant", json=given)
        for who in ("fengxue", "wangjianguo"):
            signed = await office.sign_in(who)
            for _ in range(2):
                await signed.http.post("/assistant/uses", json={"kind": "local_answer"})
        section.show_tab("usage")
        await section.tasks.settle()
        usage = section.pages["usage"]
        for key, rows in (("days", 30), ("weeks", 12), ("months", 12)):
            usage.spans.set_current(key)
            usage._show()
            assert len(column(section, "usage", 0)) == rows
            # Two people, four answers: people are counted once.
            assert [column(section, "usage", at)[0] for at in (1, 3)] == ["2", "4"]
        assert "2" in usage.bars.accessibleName()
        await section.close_page()
        await http.close()


@pytest.mark.clause("3.2.6.13")
async def test_a_knowledge_base_is_made_given_filled_and_emptied(qtbot, tmp_path: Path) -> None:
    async with running_office(tmp_path / "server") as office:
        admin, feng = await office.sign_in("admin"), await office.sign_in("fengxue")
        await admin.http.post(
            "/admin/features/assistant", json={"changes": [{"subject": "everyone", "allow": True}]}
        )
        http = caller(office.url, admin)
        knowledge = KnowledgeCalls(http)
        section = AssistantSection(
            AssistantCalls(http), knowledge, ShowcasePermissions(), ThemeManager(animations=False)
        )
        section.resize(1000, 720)
        qtbot.addWidget(section)
        section.show()
        section.show_tab("knowledge")
        await section.tasks.settle()
        tab = section.knowledge
        assert not tab.add.isVisible()
        assert tab.empty.isVisible()
        QTest.mouseClick(tab.empty.action, LEFT)
        assert isinstance(tab.dialog, NameDialog)
        assert not tab.dialog.go.isEnabled()
        tab.dialog.field.setText("防汛资料")
        QTest.mouseClick(tab.dialog.go, LEFT)
        await section.tasks.settle()
        assert tab.list.item(0).text() == "防汛资料（0 份）"
        assert "任何人（包括管理员）" in tab.note.text()
        assert not tab.empty.isVisible()
        assert tab.nobody.label.isVisible()
        assert tab.nothing.label.isVisible()

        written = docx.Document()
        written.add_paragraph("防汛物资存放在城东仓库。")
        written.save(str(tmp_path / "物资.docx"))
        book = openpyxl.Workbook()
        book.active.append(["物资", "数量"])
        book.active.append(["编织袋", "200万条"])
        book.save(tmp_path / "清单.xlsx")
        (tmp_path / "说明.md").write_text("# 说明\n\n值班电话 0371-60000001", "utf-8")
        (tmp_path / "坏.docx").write_bytes(b"PK\x03\x04 broken")
        tab.add_files([tmp_path / name for name in ("物资.docx", "坏.docx", "清单.xlsx", "说明.md")])
        await section.tasks.settle()
        assert column(section, "knowledge", 0) == ["清单.xlsx", "物资.docx", "说明.md"]
        assert "“坏.docx”没有添加" in tab.note.text()

        async def found(word: str) -> list[str]:
            answer = await feng.http.post("/assistant/knowledge/search", json={"groups": [[word]]})
            return [one["text"] for one in answer.json()["passages"]]

        assert await found("城东仓库") == []
        QTest.mouseClick(tab.everyone, LEFT)
        await section.tasks.settle()
        assert [tab.viewers.item(0, at).text() for at in range(2)] == ["所有人", ""]
        assert not tab.nobody.label.isVisible()
        assert not tab.nothing.label.isVisible()
        assert await found("城东仓库") == ["防汛物资存放在城东仓库。"]
        assert "编织袋 | 200万条" in (await found("编织袋"))[0]
        tab._give([Viewer(subject=Subject.PERSON, subject_id=office.staff["liqiang"].id)])
        await section.tasks.settle()
        assert tab.viewers.rowCount() == 2
        row = next(row for row in range(2) if tab.viewers.item(row, 0).text() == "所有人")
        tab.viewers.selectRow(row)
        QTest.mouseClick(tab.hide_from, LEFT)
        await section.tasks.settle()
        assert [tab.viewers.item(0, at).text() for at in range(2)] == ["人员", "李强"]
        assert await found("城东仓库") == []
        tab.table.selectRow(0)
        QTest.mouseClick(tab.remove, LEFT)
        await section.tasks.settle()
        assert column(section, "knowledge", 0) == ["物资.docx", "说明.md"]
        QTest.mouseClick(tab.drop, LEFT)
        tab.dialog.accept()
        await section.tasks.settle()
        assert tab.list.count() == 0
        assert tab.empty.isVisible()
        await section.close_page()
        await http.close()

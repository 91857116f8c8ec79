"""回复与推荐问题: fixed replies, one for each kind of words, how answers are checked, suggested questions."""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QVBoxLayout,
)

from server_stub.contract.llm import (
    MOST_STARTERS,
    STARTER_LONGEST,
    AnswerCheck,
    AssistantPolicy,
    KindReply,
)
from widgets.controls import button, label

from .tab import Tab

CHECKS = {
    AnswerCheck.WHOLE: "整篇核验后显示（敏感回答一个字都不会显示）",
    AnswerCheck.SENTENCES: "逐句核验（更快；发现敏感词时撤下已显示的内容）",
}
GENERAL = "通用"
_KIND = Qt.ItemDataRole.UserRole


class RepliesTab(Tab):
    """Edited together, saved by one button, in force at once at every client."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._policy = AssistantPolicy()
        self._texts: dict[str, tuple[str, str]] = {}
        self._kind = ""
        whole = QHBoxLayout()
        whole.setSpacing(self.themes.theme.space.xl)
        whole.addLayout(self._left(), 3)
        whole.addLayout(self._right(), 2)
        self.column.addLayout(whole, 1)
        self.save = button("保存", "primary")
        self.save.clicked.connect(lambda: self.start(self._save(), "保存设置"))
        self.column.addWidget(self.save, 0, Qt.AlignmentFlag.AlignLeft)

    def _left(self) -> QVBoxLayout:
        theme = self.themes.theme
        column = QVBoxLayout()
        column.setSpacing(theme.space.s)
        column.addWidget(label("固定回复", "title"))
        column.addWidget(
            label(
                "提问或回答里有敏感词时显示，与此处文字逐字一致；可按类别分别设置，没有设置的类别用“通用”。",
                "caption",
                "weak",
                wrap=True,
            )
        )
        row = QHBoxLayout()
        row.setSpacing(theme.space.m)
        self.kinds = QListWidget()
        self.kinds.setAccessibleName("敏感词类别")
        self.kinds.setFixedWidth(theme.sizes.detail)
        self.kinds.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.kinds.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.kinds.currentItemChanged.connect(lambda item, _last: self._show(item))
        row.addWidget(self.kinds)
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        self.question, self.answer = QPlainTextEdit(), QPlainTextEdit()
        for field, name in ((self.question, "敏感提问的回复"), (self.answer, "敏感回答的回复")):
            field.setAccessibleName(name)
            field.setFixedHeight(theme.grow(theme.sizes.avatar_large + theme.space.xxl))
            form.addRow(name, field)
        row.addLayout(form, 1)
        column.addLayout(row, 1)
        return column

    def _right(self) -> QVBoxLayout:
        theme = self.themes.theme
        column = QVBoxLayout()
        column.setSpacing(theme.space.s)
        column.addWidget(label("推荐问题", "title"))
        column.addWidget(
            label(
                f"新对话开始时显示，每行一个，最多 {MOST_STARTERS} 个，每个不超过 {STARTER_LONGEST} 字。",
                "caption",
                "weak",
                wrap=True,
            )
        )
        self.starters = QPlainTextEdit()
        self.starters.setAccessibleName("推荐问题")
        self.starters.setFixedHeight(theme.grow(theme.sizes.avatar_large + theme.space.xxl) * 2)
        column.addWidget(self.starters)
        column.addWidget(label("核验", "title"))
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        self.check = QComboBox()
        for key, words in CHECKS.items():
            self.check.addItem(words, key)
        self.check.setMinimumContentsLength(12)
        self.check.setAccessibleName("回答的核验方式")
        form.addRow("回答的核验方式", self.check)
        column.addLayout(form)
        column.addStretch(1)
        return column

    async def read(self) -> None:
        words = await self.calls.words()
        self._policy = policy = await self.calls.policy()
        own = {one.kind: (one.question, one.answer) for one in policy.replies}
        kinds = dict.fromkeys([*sorted({one.kind for one in words.words}), *own])
        self._texts = {"": (policy.question_reply, policy.answer_reply)}
        self._texts |= {kind: own.get(kind, ("", "")) for kind in kinds}
        self.kinds.blockSignals(True)
        self.kinds.clear()
        for kind in self._texts:
            item = QListWidgetItem(kind or GENERAL)
            item.setToolTip(kind or GENERAL)
            item.setData(_KIND, kind)
            self.kinds.addItem(item)
        self.kinds.setCurrentRow(0)
        self.kinds.blockSignals(False)
        self._kind = ""
        self._fill()
        self.starters.setPlainText("\n".join(policy.starters))
        self.check.setCurrentIndex(list(CHECKS).index(policy.check))

    def _show(self, item: QListWidgetItem | None) -> None:
        self._keep()
        self._kind = item.data(_KIND) if item is not None else ""
        self._fill()

    def _keep(self) -> None:
        """What stands in the fields belongs to the kind that was chosen."""
        self._texts[self._kind] = (_raw(self.question), _raw(self.answer))

    def _fill(self) -> None:
        general = self._texts[""]
        for field, text, otherwise in zip(
            (self.question, self.answer), self._texts[self._kind], general, strict=True
        ):
            field.setPlaceholderText(f"留空则用通用回复：{otherwise}" if self._kind else "")
            field.setPlainText(text)

    async def _save(self) -> None:
        self._keep()
        question, answer = self._texts[""]
        wanted = msgspec.structs.replace(
            self._policy,
            question_reply=question,
            answer_reply=answer,
            replies=[
                KindReply(kind=kind, question=asked, answer=answered)
                for kind, (asked, answered) in self._texts.items()
                if kind and (asked or answered)
            ],
            check=self.check.currentData(),
            starters=[line.strip() for line in _raw(self.starters).split("\n") if line.strip()],
        )
        await self.calls.set_policy(wanted)
        self._policy = wanted
        self.tell("已保存，立即生效")


def _raw(field: QPlainTextEdit) -> str:
    """The text as it was written: Qt's plain text would turn hard blanks into blanks."""
    return field.document().toRawText().replace("\u2029", "\n").replace("\u2028", "\n")

"""额度: tokens a day of everybody, of units together and of single people; requests a minute."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec
from PySide6.QtWidgets import QHBoxLayout, QSpinBox

from app.shell.org_picker import OrgPicker, OrgSource, Picked
from server_stub.contract.llm import AssistantPolicy, Quota, Quotas, QuotaSubject
from widgets.controls import EmptyNote, button, label, reading_table

from .tab import Tab, fill

_KINDS = {QuotaSubject.EVERYONE: "每人", QuotaSubject.UNIT: "单位合计", QuotaSubject.PERSON: "个人"}


class _Directory(OrgSource, Protocol):
    """To choose from."""


class QuotasTab(Tab):
    """Rows are saved as they are changed."""

    def __init__(self, directory: _Directory, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._directory = directory
        self._quotas: list[Quota] = []
        self._policy = AssistantPolicy()
        self.picker: OrgPicker | None = None
        space = self.themes.theme.space
        self.column.addWidget(
            label(
                "“每人”是没有单独设置的人每天的额度；“单位合计”是该单位及下级所有人每天合计的额度；没有设置则不限。",
                "secondary",
                wrap=True,
            )
        )
        line = QHBoxLayout()
        line.setSpacing(space.s)
        self.most, self.pace, self.longest = QSpinBox(), QSpinBox(), QSpinBox()
        self.most.setRange(0, 2_000_000_000)
        self.most.setValue(100_000)
        self.most.setSingleStep(10_000)
        self.most.setGroupSeparatorShown(True)
        self.pace.setRange(0, 10_000)
        self.longest.setRange(16, 32_768)
        self.everyone, self.choose = button("设为每人额度"), button("设给单位或人员…", "primary")
        self.drop, self.save = button("删除所选", "danger"), button("保存限制")
        for words, made in (("每日 token", self.most),):
            made.setAccessibleName(words)
            line.addWidget(label(words))
            line.addWidget(made)
        for made in (self.everyone, self.choose, self.drop):
            line.addWidget(made)
        line.addStretch(1)
        self.column.addLayout(line)
        self.table = reading_table(
            self.themes, ("对象", "名称", "每日额度（token）", "今日已用"), "额度", stretch=1
        )
        self.unlimited = EmptyNote(
            self.themes, self.table, "还没有设置额度，用量不限。点“设为每人额度”或“设给单位或人员…”设置"
        )
        self.column.addWidget(self.table, 1)
        limits = QHBoxLayout()
        limits.setSpacing(space.s)
        for words, made in (
            ("每人每分钟提问次数（0 不限）", self.pace),
            ("每个回答最长 token", self.longest),
        ):
            made.setAccessibleName(words)
            limits.addWidget(label(words))
            limits.addWidget(made)
        limits.addWidget(self.save)
        limits.addStretch(1)
        self.column.addLayout(limits)
        self.everyone.clicked.connect(
            lambda: self._put([Quota(subject=QuotaSubject.EVERYONE, tokens_per_day=self.most.value())])
        )
        self.choose.clicked.connect(self._pick)
        self.drop.clicked.connect(self._drop)
        self.save.clicked.connect(lambda: self.start(self._save(), "保存限制"))

    async def read(self) -> None:
        self._policy = await self.calls.policy()
        self.pace.setValue(self._policy.requests_per_minute)
        self.longest.setValue(self._policy.longest_answer)
        self._show(await self.calls.quotas())

    def _show(self, found: Quotas) -> None:
        self._quotas = found.quotas
        rows = [
            [
                _KINDS[one.subject],
                "所有人" if one.subject is QuotaSubject.EVERYONE else one.name or "（已不存在）",
                f"{one.tokens_per_day:,}",
                "" if one.subject is QuotaSubject.EVERYONE else f"{one.used_today:,}",
            ]
            for one in found.quotas
        ]
        fill(self.table, rows)
        self.unlimited.settle()

    def _put(self, wanted: list[Quota]) -> None:
        keys = {(one.subject, one.subject_id) for one in wanted}
        kept = [one for one in self._quotas if (one.subject, one.subject_id) not in keys]
        self.start(self._replace([*kept, *wanted]), "保存额度")

    async def _replace(self, wanted: list[Quota]) -> None:
        self._show(await self.calls.set_quotas(Quotas(quotas=wanted)))

    def _drop(self) -> None:
        rows = {index.row() for index in self.table.selectedIndexes()}
        kept = [one for line, one in enumerate(self._quotas) if line not in rows]
        self.start(self._replace(kept), "删除额度")

    def _pick(self) -> None:
        async def accept(picked: list[Picked]) -> None:
            kinds = {"unit": QuotaSubject.UNIT, "person": QuotaSubject.PERSON}
            self._put(
                [
                    Quota(subject=kinds[one.kind], subject_id=one.id, tokens_per_day=self.most.value())
                    for one in picked
                ]
            )

        dialog = OrgPicker(self._directory, self.themes, "设置额度", accept, confirm="设置", parent=self)
        dialog.finished.connect(dialog.deleteLater)
        self.picker = dialog
        dialog.open()

    async def _save(self) -> None:
        wanted = msgspec.structs.replace(
            self._policy, requests_per_minute=self.pace.value(), longest_answer=self.longest.value()
        )
        await self.calls.set_policy(wanted)
        self._policy = wanted
        self.tell("限制已保存，立即生效")

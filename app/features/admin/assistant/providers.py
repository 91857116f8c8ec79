"""模型服务: where models run, and how they are."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QHBoxLayout, QLineEdit, QSpinBox, QWidget

from server_stub.contract.llm import Provider, ProviderKind, Providers, ProviderSetting, ProviderState
from widgets.controls import ConfirmDialog, Dialog, EmptyNote, button, label, reading_table
from widgets.theme import ThemeManager

from .tab import Tab, fill

STATES = {
    ProviderState.GOOD: "正常",
    ProviderState.FAILING: "上次失败",
    ProviderState.OPEN: "暂停使用",
    ProviderState.UNKNOWN: "未检测",
    ProviderState.MISSING: "未安装",
}
_NO_ENGINE = "本地 GGUF：未安装（服务器上没有可选组件 local-llm），其余功能不受影响。"
_HEADS = ("名称", "地址", "模型", "次序", "状态", "说明")


class ProvidersTab(Tab):
    """A table, and a form for each provider."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._providers: list[Provider] = []
        self.dialog: Dialog | None = None
        bar = QHBoxLayout()
        self.note = label("", "secondary", wrap=True)
        bar.addWidget(self.note, 1)
        self.add, self.edit = button("添加模型服务…", "primary"), button("修改…")
        self.check, self.remove = button("检测"), button("删除", "danger")
        for made in (self.check, self.remove, self.edit, self.add):
            bar.addWidget(made)
        self.column.addLayout(bar)
        self.table = reading_table(self.themes, _HEADS, "模型服务", stretch=1)
        self.table.itemSelectionChanged.connect(self._chosen)
        self.table.itemDoubleClicked.connect(lambda _item: self._form(self.current))
        self.nothing = EmptyNote(self.themes, self.table, "还没有模型服务，点“添加模型服务”。")
        self.column.addWidget(self.table, 1)
        self.add.clicked.connect(lambda: self._form(None))
        self.edit.clicked.connect(lambda: self._form(self.current))
        self.check.clicked.connect(self._check)
        self.remove.clicked.connect(self._remove)
        self._chosen()

    @property
    def current(self) -> Provider | None:
        """The chosen one."""
        row = self.table.currentRow()
        return self._providers[row] if 0 <= row < len(self._providers) else None

    async def read(self) -> None:
        self._show(await self.calls.providers())

    def _show(self, found: Providers) -> None:
        self._providers = found.providers
        engine = "本地 GGUF：已安装。" if found.local_engine else _NO_ENGINE
        none = "" if found.providers else "还没有模型服务，助手按规则与摘录回答。"
        self.note.setText(none + engine)
        rows: list[list[str]] = []
        for one in found.providers:
            state = STATES[one.state] if one.enabled else "已停用"
            models = "、".join([*one.models, *one.embedding_models])
            if one.vision:
                models += "（能看图片）"
            rows.append([one.name, one.address, models, str(one.priority), state, one.problem])
        fill(self.table, rows)
        self.nothing.settle()
        self._chosen()

    def _chosen(self) -> None:
        for made in (self.edit, self.check, self.remove):
            made.setEnabled(self.current is not None)

    def _form(self, provider: Provider | None) -> None:
        dialog = ProviderDialog(self.themes, provider, self)
        dialog.accepted.connect(lambda: self.start(self._save(provider, dialog.setting()), "保存模型服务"))
        dialog.finished.connect(dialog.deleteLater)
        self.dialog = dialog
        dialog.open()

    async def _save(self, provider: Provider | None, wanted: ProviderSetting) -> None:
        self._show(await self.calls.save_provider(provider.id if provider is not None else "", wanted))
        self.tell("模型服务已保存")

    def _check(self) -> None:
        if self.current is not None:
            self.start(self._checked(self.current.id), "检测模型服务")

    async def _checked(self, provider_id: str) -> None:
        self._show(await self.calls.check_provider(provider_id))

    def _remove(self) -> None:
        one = self.current
        if one is None:
            return
        dialog = ConfirmDialog(
            self.themes,
            "删除这个模型服务？",
            f"“{one.name}”的密钥和设置将被删除。",
            "删除",
            danger=True,
            parent=self,
        )
        dialog.accepted.connect(lambda: self.start(self._removed(one.id), "删除模型服务"))
        dialog.finished.connect(dialog.deleteLater)
        self.dialog = dialog
        dialog.open()

    async def _removed(self, provider_id: str) -> None:
        self._show(await self.calls.remove_provider(provider_id))


class ProviderDialog(Dialog):
    """The form of one provider."""

    def __init__(
        self, themes: ThemeManager, provider: Provider | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(
            themes,
            "修改模型服务" if provider is not None else "添加模型服务",
            parent,
            width=themes.theme.sizes.dialog_wide,
        )
        form = QFormLayout()
        form.setSpacing(themes.theme.space.s)
        self.name, self.address, self.key = QLineEdit(), QLineEdit(), QLineEdit()
        self.models, self.embeddings = QLineEdit(), QLineEdit()
        self.kind = QComboBox()
        self.kind.addItem("OpenAI 兼容接口（vLLM、DeepSeek、Qwen 等）", ProviderKind.OPENAI)
        self.kind.addItem("服务器上的 GGUF 文件", ProviderKind.GGUF)
        self.address.setPlaceholderText("http://模型服务器:8000/v1，或 models 文件夹里的文件名")
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.models.setPlaceholderText("与模型服务上的名称一致，多个用逗号分开")
        self.priority, self.first, self.between = QSpinBox(), QSpinBox(), QSpinBox()
        self.priority.setRange(-1000, 1000)
        for made in (self.first, self.between):
            made.setRange(1, 600)
            made.setSuffix(" 秒")
        self.enabled = QCheckBox("启用")
        self.vision = QCheckBox("对话模型能查看图片")
        for words, field in (
            ("名称", self.name), ("方式", self.kind), ("地址", self.address), ("密钥", self.key),
            ("对话模型", self.models), ("向量模型", self.embeddings), ("次序（小的先用）", self.priority),
            ("等待首字", self.first), ("字间等待", self.between), ("", self.vision), ("", self.enabled),
        ):  # fmt: skip
            field.setAccessibleName(words or field.text() if isinstance(field, QCheckBox) else words)
            form.addRow(words, field)
        self.content.addLayout(form)
        self.add_button("取消", slot=self.reject)
        self.go = self.add_button("保存", "primary", default=True, slot=self.accept)
        self._fill(provider)

    def _fill(self, provider: Provider | None) -> None:
        plain = provider or Provider(id="", name="", kind=ProviderKind.OPENAI, address="", models=[])
        self.name.setText(plain.name)
        self.kind.setCurrentIndex(0 if plain.kind is ProviderKind.OPENAI else 1)
        self.address.setText(plain.address)
        self.key.setPlaceholderText("已保存，留空则不变" if plain.has_key else "没有可留空")
        self.models.setText("，".join(plain.models))
        self.embeddings.setText("，".join(plain.embedding_models))
        self.priority.setValue(plain.priority)
        self.first.setValue(plain.first_token_s)
        self.between.setValue(plain.between_tokens_s)
        self.vision.setChecked(plain.vision)
        self.enabled.setChecked(plain.enabled)
        self.kind.currentIndexChanged.connect(lambda _index: self._kind_changed())
        self._kind_changed()

    def _kind_changed(self) -> None:
        local = self.kind.currentData() is ProviderKind.GGUF
        self.vision.setEnabled(not local)
        if local:
            self.vision.setChecked(False)

    def setting(self) -> ProviderSetting:
        """As it is sent."""
        return ProviderSetting(
            name=self.name.text().strip(),
            kind=self.kind.currentData(),
            address=self.address.text().strip(),
            api_key=self.key.text().strip() or None,
            models=_names(self.models.text()),
            embedding_models=_names(self.embeddings.text()),
            vision=self.vision.isChecked(),
            enabled=self.enabled.isChecked(),
            priority=self.priority.value(),
            first_token_s=self.first.value(),
            between_tokens_s=self.between.value(),
        )


def _names(text: str) -> list[str]:
    return [one.strip() for one in re.split(r"[，,、]", text) if one.strip()]

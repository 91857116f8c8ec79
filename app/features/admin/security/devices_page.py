"""Encryption machines and how they are (3.3.4)."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from server_stub.contract.keys import DeviceList, DeviceStanding
from widgets.controls import Banner, button, label, pill, surface
from widgets.theme import ThemeManager

from .parts import KeySection
from .service import KeyConsole
from .words import check


class DevicesSection(KeySection):
    """One card a machine; the self-test is run each time the page is read."""

    def __init__(self, service: KeyConsole, themes: ThemeManager, parent: QWidget | None = None) -> None:
        explanation = "密钥只在加密机内使用，取不出明文。双机时负载分担，一台离线不影响使用，恢复后自动同步。"
        super().__init__(service, themes, "加密机", explanation, parent)
        self.again = button("重新自检")
        self.again.clicked.connect(self.entered)
        self.tools.addWidget(self.again)
        self.verdict = Banner(themes)
        self.verdict.hide()
        self.column.addWidget(self.verdict)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self.column.addWidget(self._scroll, 1)
        self.shown: DeviceList | None = None

    async def read(self) -> None:
        self.again.setEnabled(False)
        try:
            self._show(await self.service.devices())
        finally:
            self.again.setEnabled(True)

    def _show(self, found: DeviceList) -> None:
        self.shown = found
        away = sum(not one.up for one in found.devices)
        if found.failures:
            self.verdict.say("自检未通过：" + "；".join(map(check, found.failures)), "bad")
        elif away:
            self.verdict.say(f"{away} 台加密机离线，其余正常承担全部业务。请检查网络和设备电源。", "warn")
        else:
            self.verdict.say(
                f"自检通过，共 {len(found.checks)} 项：{'、'.join(map(check, found.checks))}。", "ok"
            )
        self.verdict.show()
        space = self.themes.theme.space
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space.m)
        for one in found.devices:
            column.addWidget(self._card(one))
        column.addStretch(1)
        self._scroll.setWidget(body)

    def _card(self, one: DeviceStanding) -> QWidget:
        space = self.themes.theme.space
        card = surface("card")
        column = QVBoxLayout(card)
        column.setContentsMargins(space.l, space.m, space.l, space.m)
        column.setSpacing(space.xs)
        head = QHBoxLayout()
        head.setSpacing(space.s)
        title = f"{one.number + 1} 号机" + (f"　{one.name}" if one.name else "")
        head.addWidget(label(title, "title"))
        head.addWidget(pill("在线" if one.up else "离线", "ok" if one.up else "bad"))
        head.addStretch(1)
        column.addLayout(head)
        facts = [
            ("厂商", one.issuer),
            ("序列号", one.serial),
            ("固件版本", str(one.version) if one.version else ""),
            ("接口规范", f"GM/T 0018 版本 {one.standard}" if one.standard else ""),
            ("算法", "、".join(one.algorithms)),
            ("启动后承担的调用", f"{one.served:,} 次" if one.served else ""),
            ("离线原因", one.reason),
        ]
        for name, value in facts:
            if not value:
                continue
            row = QHBoxLayout()
            row.setSpacing(space.m)
            heading = label(name, "secondary")
            heading.setFixedWidth(self.themes.theme.sizes.avatar_large * 2)
            row.addWidget(heading)
            row.addWidget(label(value, "body", "bad" if name == "离线原因" else "", wrap=True), 1)
            column.addLayout(row)
        return card

"""What the scene did, step by step: pictures, times and whether it came out right."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from PySide6.QtWidgets import QWidget


@dataclass
class Step:
    """One step. `seconds` from its beginning to what it waited for."""

    name: str
    seconds: float = 0.0
    good: bool = False
    problem: str = ""
    picture: str = ""


class Report:
    """Collects steps; `write` leaves report.md and report.json beside the pictures."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.steps: list[Step] = []
        self._since = 0.0

    def begin(self, name: str) -> None:
        """A step begins."""
        self.steps.append(Step(name))
        self._since = time.monotonic()
        print(f"  {len(self.steps):2}. {name} ……", end="", flush=True)

    def done(self) -> None:
        """It came out right."""
        step = self.steps[-1]
        step.good, step.seconds = True, round(time.monotonic() - self._since, 2)
        print(f" {step.seconds} 秒", flush=True)

    def failed(self, problem: str) -> None:
        """It did not."""
        step = self.steps[-1]
        step.problem, step.seconds = problem, round(time.monotonic() - self._since, 2)
        print(f" 未成功：{problem}", flush=True)

    def shoot(self, window: QWidget, name: str) -> None:
        """Take a picture of a window as it is drawn."""
        file = f"{len(self.steps):02}-{name}.png"
        window.grab().save(str(self._folder / file))
        self.steps[-1].picture = file

    @property
    def good(self) -> bool:
        """Whether all went well."""
        return bool(self.steps) and all(step.good for step in self.steps)

    def write(self) -> None:
        """Leave the report."""
        lines = [
            "# 演示报告",
            "",
            f"{'全部成功' if self.good else '有步骤未成功'}，共 {len(self.steps)} 步。",
            "",
        ]
        lines += ["| 步骤 | 用时（秒） | 结果 | 截图 |", "|---|---|---|---|"]
        for step in self.steps:
            picture = f"[{step.picture}]({step.picture})" if step.picture else ""
            lines.append(
                f"| {step.name} | {step.seconds} | {'成功' if step.good else step.problem} | {picture} |"
            )
        (self._folder / "report.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
        data = {"good": self.good, "steps": [asdict(step) for step in self.steps]}
        (self._folder / "report.json").write_text(
            json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8"
        )

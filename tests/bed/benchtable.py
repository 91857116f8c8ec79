"""Runs the benchmarks one after another, each in its own process, and lays figure, bar and peer side by side."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 900
# Runs `run()` of the file argv[1] and leaves what it returned in the file argv[2]: its prints stay its own.
_RUNNER = """
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("benchmark", sys.argv[1])
module = importlib.util.module_from_spec(spec)
sys.modules["benchmark"] = module
spec.loader.exec_module(module)
result = module.run()
with open(sys.argv[2], "w", encoding="utf-8") as file:
    json.dump(result, file, ensure_ascii=False)
"""
_HIGHER = ("/s", "per_s", "per second", "ratio", "×", "throughput")


class BadBar(ValueError):
    """A benchmark gave a bar that is none of the known shapes."""


@dataclass(frozen=True)
class Bar:
    """A limit for a figure: at most or at least `value`."""

    at_most: bool
    value: float

    @classmethod
    def read(cls, raw: Any, *, figure: str, unit: str, better: str | None) -> Bar:
        """From `{"max": 20}`, `{"min": 5}`, `"<= 20"`, `">= 5"` or a bare number.

        A bare number is at least when `better` is "higher", or when it is not given and the figure's name or unit
        speaks of a rate or ratio; otherwise at most. Raises BadBar for anything else.
        """
        if isinstance(raw, Mapping) and len(raw) == 1 and next(iter(raw)) in {"max", "min"}:
            ((kind, value),) = raw.items()
            return cls(kind == "max", float(value))
        if isinstance(raw, str):
            for sign, at_most in (
                ("<=", True),
                ("≤", True),
                (">=", False),
                ("≥", False),
                ("<", True),
                (">", False),
            ):
                if raw.strip().startswith(sign):
                    return cls(at_most, float(raw.strip()[len(sign) :].replace(",", "").split()[0]))
        if isinstance(raw, int | float) and not isinstance(raw, bool):
            rate = any(mark in text.lower() for text in (figure, unit) for mark in _HIGHER)
            return cls(better != "higher" and not (better is None and rate), float(raw))
        raise BadBar(f"bar of {figure}: {raw!r}")

    def holds(self, figure: float) -> bool:
        return figure <= self.value if self.at_most else figure >= self.value

    def __str__(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {number(self.value)}"


@dataclass
class Result:
    """What one benchmark file gave, or why it gave nothing."""

    file: str
    seconds: float = 0.0
    data: dict[str, Any] = field(default_factory=dict)
    error: str | None = None

    def verdicts(self) -> dict[str, bool | None]:
        """Per figure: bar held, bar missed, or None where no bar is set."""
        bars, figures = self.data.get("bar") or {}, self.data.get("figures") or {}
        unit, better = str(self.data.get("unit", "")), self.data.get("better")
        return {
            name: Bar.read(bars[name], figure=name, unit=unit, better=better).holds(float(value))
            if name in bars and isinstance(value, int | float)
            else None
            for name, value in figures.items()
        }


def number(value: Any) -> str:
    """A figure as a reader wants it: three significant digits below a thousand, grouped above."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def find(folder: Path, names: list[str]) -> list[Path]:
    """The benchmark files; `names` picks by file name without `.py`. Raises KeyError for an unknown one."""
    files = {path.stem: path for path in sorted(folder.glob("*.py")) if not path.stem.startswith("_")}
    for name in names:
        if name not in files:
            raise KeyError(name)
    return [files[name] for name in names] if names else list(files.values())


def measure(path: Path, root: Path, environ: Mapping[str, str]) -> Result:
    """Run one benchmark in a process of its own."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="zd-bench-") as folder:
        out = Path(folder) / "result.json"
        command = [sys.executable, "-c", _RUNNER, str(path), str(out)]
        try:
            done = subprocess.run(
                command,
                cwd=root,
                env=dict(environ),
                capture_output=True,
                text=True,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Result(path.stem, time.monotonic() - began, error=f"超过 {SECONDS} 秒未完成")
        seconds = time.monotonic() - began
        if done.returncode != 0:
            lines = [line for line in done.stderr.splitlines() if line.strip()]
            return Result(
                path.stem, seconds, error=lines[-1].strip() if lines else f"exit code {done.returncode}"
            )
        try:
            result = Result(path.stem, seconds, data=json.loads(out.read_text(encoding="utf-8")))
            result.verdicts()
        except (OSError, ValueError, AttributeError, TypeError) as error:
            return Result(path.stem, seconds, error=f"结果不合规定：{error}")
    return result


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def table(results: list[Result]) -> str:
    """Columns: figure, measured, bar, peer, verdict; one block per benchmark."""
    rows: list[tuple[str, ...]] = [("指标", "实测", "门槛", "同类对照", "结论")]
    for result in results:
        unit = f"（{result.data['unit']}）" if result.data.get("unit") else ""
        rows.append((f"{result.data.get('name', result.file)}{unit}", "", "", "", f"{result.seconds:.1f} s"))
        if result.error is not None:
            rows.append((f"  失败：{result.error}", "", "", "", "失败"))
            continue
        bars, peers = result.data.get("bar") or {}, dict(result.data.get("peer") or {})
        better, plain = result.data.get("better"), str(result.data.get("unit", ""))
        for name, verdict in result.verdicts().items():
            bar = str(Bar.read(bars[name], figure=name, unit=plain, better=better)) if name in bars else ""
            peer = number(peers.pop(name)) if name in peers else ""
            word = {True: "达标", False: "未达标", None: "—"}[verdict]
            rows.append((f"  {name}", number(result.data["figures"][name]), bar, peer, word))
        rows += [(f"  对照 {name}", "", "", number(value), "") for name, value in peers.items()]
    widths = [max(_width(row[i]) for row in rows if i or row[1] or row[3]) for i in range(5)]
    lines = []
    for row in rows:
        cells = [row[0] + " " * max(0, widths[0] - _width(row[0]))]
        cells += [" " * max(0, widths[i] - _width(row[i])) + row[i] for i in range(1, 5)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    model = platform.processor() or platform.machine()
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        model = next(
            line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("model name")
        )
    except (OSError, StopIteration):
        pass
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"cpu": model, "cores": cores, "system": platform.platform(), "python": platform.python_version()}


@contextmanager
def screen_environment() -> Iterator[dict[str, str]]:
    """A virtual screen for the benchmarks that open windows, so that figures do not depend on the desktop."""
    if sys.platform != "linux":
        yield dict(os.environ)
        return
    from bed.screen import ScreenUnavailable, VirtualScreen

    try:
        screen = VirtualScreen()
    except ScreenUnavailable:
        yield dict(os.environ)
        return
    try:
        yield screen.environment()
    finally:
        screen.close()


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Measure and print; exit code 1 when a benchmark failed, or with --strict when a bar was missed."""
    parser = argparse.ArgumentParser(prog="dev.py bench", description="测量各项指标，与门槛和同类对照")
    parser.add_argument("name", nargs="*", help="只测这些（benchmarks/ 下的文件名）")
    parser.add_argument("--json", action="store_true", help="给程序读的输出")
    parser.add_argument("--strict", action="store_true", help="有指标未达标时，退出码为 1")
    options = parser.parse_args(arguments)
    try:
        files = find(root / "benchmarks", options.name)
    except KeyError as unknown:
        print(f"错误：没有名为 {unknown.args[0]} 的基准测试；现有：", file=sys.stderr)
        print("  " + " ".join(path.stem for path in find(root / "benchmarks", [])), file=sys.stderr)
        return 2
    results: list[Result] = []
    with screen_environment() as environ:
        for path in files:
            print(f"测量 {path.stem} ……", file=sys.stderr, flush=True)
            results.append(measure(path, root, environ))
    verdicts = [
        verdict for result in results if result.error is None for verdict in result.verdicts().values()
    ]
    failed = sum(result.error is not None for result in results)
    if options.json:
        rows = [
            {"file": r.file, "seconds": round(r.seconds, 2), "error": r.error, **r.data}
            | ({} if r.error else {"verdict": r.verdicts()})
            for r in results
        ]
        print(json.dumps({"machine": machine(), "results": rows}, ensure_ascii=False, indent=1))
    else:
        about = machine()
        print(f"{about['cpu']}，{about['cores']} 核，{about['system']}，Python {about['python']}\n")
        print(table(results))
        print(f"\n达标 {verdicts.count(True)}，未达标 {verdicts.count(False)}，未能测量 {failed}")
    return 1 if failed or (options.strict and False in verdicts) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

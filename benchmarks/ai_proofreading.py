"""Recall and false alarms of the proofreading rules over the published cases, and the time for a document of 20 pages."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from offline_ai.documents.model import Document
from offline_ai.proofread.cases import read_cases, score
from offline_ai.proofread.engine import proofread

DATA = Path(__file__).resolve().parents[1] / "tests" / "data" / "ai"


def run() -> dict[str, Any]:
    """The cases were written with the rules: they show that each rule works, not how often offices slip."""
    scores = score(read_cases((DATA / "proofreading.txt").read_text("utf-8")))
    positive = sum(one.positive for one in scores.values())
    negative = sum(one.negative for one in scores.values())
    clean = (DATA / "flood.txt").read_text("utf-8").splitlines()
    document = Document()
    for number in range(30):
        for line in clean if number == 0 else clean[5:-3]:
            document.add("paragraph", line)
    started = time.perf_counter()
    proofread(document)
    return {
        "name": "ai_proofreading",
        "unit": "%",
        "figures": {
            "rules": len(scores) - 1,
            "positive_cases": positive,
            "negative_cases": negative,
            "recall": round(100 * sum(one.recalled for one in scores.values()) / positive, 1),
            "false_alarms": round(100 * sum(one.alarms for one in scores.values()) / negative, 1),
            "characters": len(document.text),
            "ms": round((time.perf_counter() - started) * 1000, 1),
        },
        "bar": {"false_alarms": 2},
        "peer": {},
    }


if __name__ == "__main__":
    print(json.dumps(run(), ensure_ascii=False, indent=1))

"""Intelligent receiving: fields right on 50 rendered documents with skew, noise and a seal over the signature."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from bed.letters import letter, picture

from offline_ai.documents.pictures import Recogniser
from offline_ai.official.receiving import receive

DOCUMENTS = 50


def run() -> dict[str, Any]:
    """Share of fields that are exactly right, of those told as sure, and the time for a page."""
    recogniser = Recogniser()
    right: dict[str, int] = {}
    asked: dict[str, int] = {}
    sure = sure_right = 0
    times: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(DOCUMENTS):
            what = letter(seed)
            path = Path(folder) / "scan.png"
            path.write_bytes(picture(what, seed))
            started = time.perf_counter()
            form = receive(path, today=date(2026, 11, 26), recogniser=recogniser)
            times.append(time.perf_counter() - started)
            year, month, day = what.day.replace("年", "-").replace("月", "-").rstrip("日").split("-")
            wanted = {
                "来文单位": what.sender,
                "文号": what.number,
                "标题": what.title,
                "主送": what.recipients,
                "成文日期": f"{year}-{int(month):02}-{int(day):02}",
                "紧急程度": what.urgency,
                "密级": what.secrecy,
                "附件": what.attachment,
            }
            for field in form.fields:
                if field.name not in wanted:
                    continue
                asked[field.name] = asked.get(field.name, 0) + 1
                good = field.value == wanted[field.name]
                right[field.name] = right.get(field.name, 0) + good
                if field.value and field.sure:
                    sure += 1
                    sure_right += good
    return {
        "name": "ai_receiving",
        "unit": "%",
        "figures": {
            "documents": DOCUMENTS,
            "fields_right": round(100 * sum(right.values()) / sum(asked.values()), 1),
            "right_where_sure": round(100 * sure_right / sure, 1),
            **{f"right_{name}": round(100 * right[name] / asked[name], 1) for name in asked},
            "median_s": round(statistics.median(times), 2),
        },
        "bar": {},
        "peer": {},
    }


if __name__ == "__main__":
    print(json.dumps(run(), ensure_ascii=False, indent=1))

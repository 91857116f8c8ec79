"""Intelligent receiving: fields right on 50 rendered documents with skew, noise and a seal over the signature, and on 20
photos of such pages, seen from the side and turned by 0, 90, 180 or 270 degrees."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from bed.letters import Letter, letter, photo, picture  # pyright: ignore[reportMissingImports]

from offline_ai.documents.pictures import Recogniser
from offline_ai.official.receiving import receive

DOCUMENTS = 50
PHOTOS = 20


def run() -> dict[str, Any]:
    """Share of fields that are exactly right, of those told as sure, and the time for a page."""
    recogniser = Recogniser()
    scans = _measured(
        recogniser, [(letter(seed), lambda what, seed=seed: picture(what, seed)) for seed in range(DOCUMENTS)]
    )
    photos = _measured(
        recogniser,
        [
            (letter(100 + seed), lambda what, seed=seed: photo(what, seed, turns=seed % 4))
            for seed in range(PHOTOS)
        ],
    )
    return {
        "name": "ai_receiving",
        "unit": "%",
        "figures": {
            "documents": DOCUMENTS,
            **scans,
            "photos": PHOTOS,
            **{f"photos_{name}": value for name, value in photos.items()},
        },
        "bar": {},
        "peer": {},
    }


def _measured(
    recogniser: Recogniser, cases: list[tuple[Letter, Callable[[Letter], bytes]]]
) -> dict[str, float]:
    right: dict[str, int] = {}
    asked: dict[str, int] = {}
    sure = sure_right = 0
    times: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        for what, made in cases:
            path = Path(folder) / "scan.png"
            path.write_bytes(made(what))
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
        "fields_right": round(100 * sum(right.values()) / sum(asked.values()), 1),
        "right_where_sure": round(100 * sure_right / sure, 1),
        **{f"right_{name}": round(100 * right[name] / asked[name], 1) for name in asked},
        "median_s": round(statistics.median(times), 2),
    }


if __name__ == "__main__":
    print(json.dumps(run(), ensure_ascii=False, indent=1))

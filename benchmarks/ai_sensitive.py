"""10,000 sensitive words over one megabyte of text, beside a plain loop over the same words; the bar is 100 ms."""

from __future__ import annotations

import json
import random
import statistics
import time
from typing import Any

from offline_ai.sensitive.lists import SensitiveWord
from offline_ai.sensitive.matcher import SensitiveMatcher

WORDS, BYTES = 10_000, 1_000_000


def run() -> dict[str, Any]:
    """Median and worst of nine scans; 200 words stand in the text, half of them disguised."""
    chance = random.Random(5)
    letters = [chr(code) for code in range(0x4E00, 0x6E00)]
    words = ["".join(chance.choices(letters, k=chance.choice((2, 3, 3, 4, 4, 5)))) for _ in range(WORDS)]
    pieces: list[str] = []
    size = 0
    while size < BYTES:
        piece = (
            "".join(chance.choices(letters, k=40))
            + chance.choice("，。、； \n")
            + chance.choice(["", "2026年", "GB/T"])
        )
        pieces.append(piece)
        size += len(piece.encode())
    for number in range(200):
        word = chance.choice([one for one in words[:2000] if len(one) > 2])
        pieces.insert(chance.randrange(len(pieces)), word if number % 2 else "·".join(word))
    text = "".join(pieces)
    started = time.perf_counter()
    matcher = SensitiveMatcher([SensitiveWord(word, "类") for word in words])
    built = (time.perf_counter() - started) * 1000
    times: list[float] = []
    busy = time.process_time()
    for _ in range(9):
        started = time.perf_counter()
        hits = matcher.scan(text)
        times.append((time.perf_counter() - started) * 1000)
    busy = (time.process_time() - busy) * 1000 / len(times)
    started = time.perf_counter()
    plain = sum(1 for word in words if word in text)
    peer = (time.perf_counter() - started) * 1000
    return {
        "name": "ai_sensitive",
        "unit": "ms",
        "figures": {
            "median": round(statistics.median(times), 1),
            "cpu_mean": round(busy, 1),
            "worst": round(max(times), 1),
            "build": round(built, 1),
            "hits": len(hits),
            "plain_hits": plain,
        },
        "bar": {"median": 100},
        "peer": {"word by word, exact only": {"median": round(peer, 1)}},
    }


if __name__ == "__main__":
    print(json.dumps(run(), ensure_ascii=False, indent=1))

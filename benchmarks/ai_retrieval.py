"""Index 10,000 documents of three pages each in an encrypted file and search them; the bar is 50 ms for a search."""

from __future__ import annotations

import json
import random
import statistics
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import sqlcipher3

from offline_ai.documents.model import Document
from offline_ai.retrieval.index import Index
from offline_ai.text.words import Words

DOCUMENTS = 10_000
PAGE = 600
"""Characters on a page of an official document: 22 lines of 28, less what headings leave empty."""
SUBJECTS = [
    "防汛",
    "安全生产",
    "消防",
    "老旧小区改造",
    "食品安全",
    "环境保护",
    "招商引资",
    "政务公开",
    "养老服务",
    "义务教育",
    "公共交通",
    "数据共享",
    "乡村振兴",
]
UNITS = [
    "水利局",
    "应急局",
    "教育局",
    "财政局",
    "住建局",
    "交通局",
    "民政局",
    "生态环境局",
    "市场监管局",
    "数据局",
    "卫健委",
    "发改委",
    "公安局",
]
VERBS = [
    "排查",
    "整改",
    "报送",
    "检查",
    "督导",
    "落实",
    "建设",
    "推进",
    "完善",
    "统筹",
    "评估",
    "验收",
    "培训",
    "宣传",
    "储备",
    "调度",
    "协调",
    "审核",
    "登记",
    "公示",
]
NOUNS = [
    "台账",
    "方案",
    "隐患",
    "物资",
    "预案",
    "队伍",
    "制度",
    "平台",
    "项目",
    "资金",
    "指标",
    "名单",
    "清单",
    "责任",
    "机制",
    "设施",
    "河道",
    "学校",
    "社区",
    "企业",
    "数据",
    "档案",
]


def document(chance: random.Random, number: int) -> Document:
    made = Document()
    subject = chance.choice(SUBJECTS)
    made.add("title", f"关于做好{subject}工作的通知（{number}号）")
    length = 0
    chapter = 0
    while length < 3 * PAGE:
        if chance.random() < 0.12:
            chapter += 1
            text = f"{'一二三四五六七八九十'[chapter % 10]}、{chance.choice(VERBS)}{subject}{chance.choice(NOUNS)}"
        else:
            text = "".join(
                f"{chance.choice(UNITS)}{chance.choice(VERBS)}{chance.choice(NOUNS)}，{chance.choice(VERBS)}"
                f"{chance.randrange(10000)}项{chance.choice(NOUNS)}，于{chance.randrange(1, 13)}月{chance.randrange(1, 29)}日前完成。"
                for _ in range(4)
            )
        made.add("paragraph", text)
        length += len(text)
    return made


def seen(ids: Sequence[str]) -> Iterable[str]:
    """Half of the documents may be seen."""
    return [one for one in ids if int(one) % 2 == 0]


def run() -> dict[str, Any]:
    """Time to index all, and median and 95th percentile of 200 searches of one to five words."""
    chance = random.Random(11)
    words = Words()
    words.cut("预热")
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlcipher3.connect(str(Path(folder) / "index.db"))
        connection.execute("PRAGMA key = \"x'" + "22" * 32 + "'\"")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA cache_size = -65536")
        index = Index(connection, words)
        started = time.perf_counter()
        for number in range(DOCUMENTS):
            index.put(str(number), document(chance, number), kind="file", changed=number)
            if number % 500 == 499:
                connection.commit()
        connection.commit()
        indexing = time.perf_counter() - started
        size = sum(one.stat().st_size for one in Path(folder).iterdir())
        asked = [
            "".join(chance.sample([*SUBJECTS, *UNITS, *NOUNS, *VERBS], chance.randint(1, 3)))
            + chance.choice(["", "什么时候完成", "由谁负责", str(chance.randrange(10000)) + "项"])
            for _ in range(200)
        ]
        times: list[float] = []
        busy = time.process_time()
        hits = 0
        for question in asked:
            started = time.perf_counter()
            found = index.search(question, seen)
            times.append((time.perf_counter() - started) * 1000)
            hits += bool(found.sources)
        busy = (time.process_time() - busy) * 1000 / len(asked)
        connection.close()
    times.sort()
    return {
        "name": "ai_retrieval",
        "unit": "ms",
        "figures": {
            "documents": DOCUMENTS,
            "index_s": round(indexing, 1),
            "index_mb": round(size / 1e6, 1),
            "answered": hits,
            "cpu_mean": round(busy, 1),
            "median": round(statistics.median(times), 1),
            "p95": round(times[int(len(times) * 0.95)], 1),
        },
        "bar": {"median": 50},
        "peer": {},
    }


if __name__ == "__main__":
    print(json.dumps(run(), ensure_ascii=False, indent=1))

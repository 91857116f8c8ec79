"""A synthetic city of 50,000 people: making it, reading the spreadsheet, previewing and importing it; then the tree and search."""

from __future__ import annotations

import asyncio
import io
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import httpx  # noqa: E402
from bed.world import ServerProcess, Signed, built  # noqa: E402
from openpyxl import Workbook  # noqa: E402
from sqlalchemy import update  # noqa: E402

from server_stub.app import Server  # noqa: E402
from server_stub.config import Settings  # noqa: E402
from server_stub.features.accounts.tables import accounts  # noqa: E402
from server_stub.features.setup.city import City, make_city  # noqa: E402
from server_stub.http.endpoint import Caller  # noqa: E402

PEOPLE = int(os.environ.get("ZD_BENCH_PEOPLE", "50000"))
HEADINGS = ("姓名", "手机号", "单位", "职务", "职级", "排序", "主职")
QUERIES = (
    "王建国",
    "王 规划 处长",
    "建国",
    "wangj",
    "wjg",
    "张 科员",
    "规划处",
    "李 街道",
    "12000012",
    "没有此人",
)


def spreadsheet(city: City) -> bytes:
    """The city as the administrator would upload it, a row a post."""
    paths: list[str] = []
    for unit in city.units:
        above = f"{paths[unit.parent]}/" if unit.parent >= 0 else ""
        paths.append(above + unit.name)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("人员")
    sheet.append(HEADINGS)
    for number, person in enumerate(city.people):
        for place, (unit, title) in enumerate(person.posts):
            main = "是" if place == 0 else "否"
            sheet.append((person.name, person.phone, paths[unit], title, person.rank, number, main))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def make_admin(folder: Path, one: Signed) -> str:
    """Give the only person of the empty server administration; returns a fresh token."""
    server = Server(Settings(data=folder))
    await server.start()
    await server.database.write(
        lambda connection: connection.execute(update(accounts).values(is_admin=True)) and None
    )
    caller = Caller(one.id, one.session_id, one.device_id, True)
    token = server.accounts._tokens.access(caller, int(time.time()) + 86_400)
    await server.close()
    return token


def timed(http: httpx.Client, method: str, path: str, **arguments: Any) -> tuple[float, Any]:
    """Seconds and answer of one call."""
    began = time.perf_counter()
    answer = http.request(method, path, **arguments)
    seconds = time.perf_counter() - began
    if answer.status_code >= 300:
        raise RuntimeError(f"{path}: {answer.status_code} {answer.text[:300]}")
    return seconds, answer.json() if answer.headers.get(
        "content-type"
    ) == "application/json" else answer.content


def measure(http: httpx.Client, data: bytes) -> dict[str, float]:
    """Import, import again, export, then read as a client does."""
    url = "/admin/directory/import"
    query = {"filename": "city.xlsx", "create_units": "true"}
    preview, seen = timed(http, "POST", url, params=query, content=data)
    apply, done = timed(http, "POST", f"{url}/{seen['id']}/apply", json={})
    if done["people"] != seen["new_people"] or seen.get("error_count", 0):
        raise RuntimeError(f"{done} {seen.get('errors', [])[:3]}")
    again, same = timed(http, "POST", url, params=query, content=data)
    if same["unchanged_people"] != done["people"]:
        raise RuntimeError("the second import is not without changes")
    export, _ = timed(http, "GET", "/admin/directory/export")
    _, top = timed(http, "GET", "/directory/roots")
    tree = [timed(http, "GET", "/directory/roots")[0] * 1000 for _ in range(20)]
    for unit in top["units"]:
        seconds, _ = timed(http, "GET", f"/directory/units/{unit['id']}")
        tree.append(seconds * 1000)
    search: list[float] = []
    for query_text in QUERIES:
        times = [timed(http, "GET", "/directory/search", params={"q": query_text})[0] for _ in range(7)]
        search.append(statistics.median(times) * 1000)
    return {
        "preview s": round(preview, 1),
        "import s": round(apply, 1),
        "units made": done["units"],
        "preview of the same file again s": round(again, 1),
        "export s": round(export, 1),
        "tree level median ms": round(statistics.median(tree), 1),
        "tree level worst ms": round(max(tree), 1),
        "search over all queries median ms": round(statistics.median(search), 1),
        "slowest search, median of 7, ms": round(max(search), 1),
    }


def run() -> dict[str, Any]:
    """Everything through REST against a real server process on SQLCipher."""
    began = time.perf_counter()
    city = make_city(PEOPLE)
    making = time.perf_counter() - began
    with tempfile.TemporaryDirectory(prefix="zd-bench-") as name:
        folder = Path(name) / "data"
        world = built(folder, people=1)
        # The world's one unit is the city itself.
        city_name = "测试市"
        data = spreadsheet(renamed(city, city_name))
        token = asyncio.run(make_admin(folder, world.people[0]))
        server = ServerProcess(folder)
        try:
            with httpx.Client(
                base_url=f"{server.url}/api/v1",
                headers={"authorization": f"Bearer {token}"},
                timeout=600,
                trust_env=False,
                verify=False,
            ) as http:
                figures = measure(http, data)
            peak = int(Path(f"/proc/{server.pid}/status").read_text().split("VmHWM:")[1].split()[0]) // 1024
        finally:
            server.stop()
    return {
        "name": "import_city",
        "unit": "",
        "figures": {
            "people": PEOPLE,
            "making the city s": round(making, 1),
            "spreadsheet MB": round(len(data) / 1e6, 1),
            **figures,
            "server's peak memory MB": peak,
        },
        "bar": {
            "import s": {"max": 300},
            "tree level worst ms": {"max": 200},
            "slowest search, median of 7, ms": {"max": 100},
        },
        "peer": {},
    }


def renamed(city: City, name: str) -> City:
    """The same city under another name."""
    import dataclasses

    return City([dataclasses.replace(city.units[0], name=name), *city.units[1:]], city.people)


if __name__ == "__main__":
    print(json.dumps(run(), ensure_ascii=False, indent=1))

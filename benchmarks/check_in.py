"""2,000 people check in by phone with one server process; the bar is five minutes with all counts right (3.1.6.4.7).

Each phone makes the calls that the page makes: page, meeting, check-in, picture of the hall. One in ten scans twice, one in
twenty mistypes first; a clerk's big screen watches all the while.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import httpx  # noqa: E402
from bed.duo import make_office  # noqa: E402
from bed.meetings import arranged, person, plain, room  # noqa: E402
from bed.office import PASSWORD, Device  # noqa: E402
from bed.world import ServerProcess  # noqa: E402

from meeting_seat_designer.engine.edits.base import History  # noqa: E402
from meeting_seat_designer.engine.edits.layouts import RebuildRegion  # noqa: E402
from server_stub.contract.sm.algorithms import Algorithms  # noqa: E402

PEOPLE = 2000
AT_ONCE = 40
"""Phones that wait for an answer at the same time."""
BAR_S = 300


async def meeting(http: httpx.AsyncClient) -> str:
    """A published meeting of everybody in a hall with more than enough seats; its id."""
    document = room("大礼堂", "hall")
    History(document).run(RebuildRegion("r2", rows=44, blocks=[14, 20, 14]))
    document.room.width, document.room.depth = 40000, 60000
    people = [
        person(f"p{n}", f"人员{n:04}", unit=f"单位{n % 60:02}", phone=f"1380{n:07}", external=True)
        for n in range(PEOPLE)
    ]
    unit = (await http.get("/directory/roots")).json()["unit"]["id"]
    made = (await http.post("/meetings", json={"title": "全市大会", "unit_id": unit})).json()["id"]
    body = {"base_version": 0, "document": plain(arranged(document, people))}
    saved = await http.put(f"/meetings/{made}/plan", json=body)
    assert saved.json()["seated"] == PEOPLE, saved.text[:200]
    published = await http.post(f"/meetings/{made}/publish", json={"plan_version": 1, "sms": False})
    assert published.status_code == 200, published.text
    return made


async def watch(http: httpx.AsyncClient, path: str) -> list[float]:
    """Follow the list as the big screen does until everybody is there; seconds from each check-in to the screen."""
    late: list[float] = []
    seen, revision = set[str](), 0
    while len(seen) < PEOPLE:
        answer = await http.get(path, params={"after": revision, "wait": 10})
        news = answer.json()
        now = time.time()
        for one in news["arrivals"]:
            seen.add(one["attendee_id"])
            late.append(now - one["at"] / 1000)
        revision = news["revision"]
    return late


async def measure(folder: Path) -> dict[str, Any]:
    """Serve and let them come."""
    await make_office(folder)
    process = await asyncio.to_thread(ServerProcess, folder)
    limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
    try:
        async with (
            httpx.AsyncClient(base_url=f"{process.url}/api/v1", timeout=60, trust_env=False) as clerk,
            httpx.AsyncClient(base_url=process.url, timeout=60, trust_env=False, limits=limits) as phone,
        ):
            device = Device(Algorithms.best()).info()
            signed = await clerk.post(
                "/auth/sign-in", json={"login": "admin", "password": PASSWORD, "device": device}
            )
            clerk.headers["authorization"] = f"Bearer {signed.json()['tokens']['access_token']}"
            made = await meeting(clerk)
            link = (await clerk.get(f"/meetings/{made}/check-in")).json()["path"]
            api = f"/api/v1/check-in/{link.rsplit('/', 1)[1]}"
            chance = random.Random(11)
            came: list[float] = []
            wrong: list[str] = []
            turn = asyncio.Semaphore(AT_ONCE)

            async def check_in(number: int) -> None:
                async with turn:
                    begun = time.perf_counter()
                    await phone.get(link)
                    hall = (await phone.get(api)).json()
                    body = {"phone": f"1380{number:07}", "browser": f"phone-{number}"}
                    if number % 20 == 0:
                        missed = await phone.post(api, json={**body, "phone": f"1999{number:07}"})
                        if missed.status_code != 404:
                            wrong.append(f"mistyped: {missed.status_code}")
                    done = await phone.post(api, json=body)
                    if done.status_code != 200 or not done.json().get("seat"):
                        wrong.append(done.text[:80])
                    picture = await phone.get(f"{api}/plan", params={"plan": hall["plan"]})
                    came.append(time.perf_counter() - begun)
                    if picture.status_code != 200:
                        wrong.append("picture")
                    if number % 10 == 0:
                        again = await phone.post(api, json=body)
                        if not again.json().get("again"):
                            wrong.append("second scan counted")

            order = list(range(PEOPLE))
            chance.shuffle(order)
            screen = asyncio.create_task(watch(clerk, f"/meetings/{made}/check-ins"))
            started = time.perf_counter()
            await asyncio.gather(*(check_in(number) for number in order))
            seconds = time.perf_counter() - started
            late = await asyncio.wait_for(screen, 60)
            final = (await clerk.get(f"/meetings/{made}")).json()
    finally:
        await asyncio.to_thread(process.stop)
    late.sort()
    came.sort()
    return {
        "people": PEOPLE,
        "seconds": round(seconds, 1),
        "people_per_s": round(PEOPLE / seconds, 1),
        "counted": final["present"],
        "shown": len(late),
        "wrong": len(wrong),
        "phone_p50_ms": round(statistics.median(came) * 1000),
        "phone_p99_ms": round(came[int(len(came) * 0.99)] * 1000),
        "to_screen_p99_s": round(late[int(len(late) * 0.99)], 2),
        "_wrong": wrong[:3],
    }


def run() -> dict[str, Any]:
    """The figures of one run."""
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(measure(Path(folder) / "server"))
    if figures.pop("_wrong"):
        raise AssertionError("check-ins went wrong")
    return {
        "name": "check_in",
        "unit": "mixed",
        "figures": figures,
        "bar": {
            "seconds": {"max": BAR_S},
            "people_per_s": {"min": round(PEOPLE / BAR_S, 1)},
            "counted": {"min": PEOPLE},
            "wrong": {"max": 0},
        },
        "peer": {},
        "cores": os.cpu_count(),
    }


if __name__ == "__main__":
    print(json.dumps(run(), ensure_ascii=False, indent=1))

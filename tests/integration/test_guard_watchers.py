"""Who notices captures: a real private bus with callers of the desktops' shapes, real processes, PipeWire's words."""

import asyncio
import json
import os
import shutil
import stat
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from dbus_fast import Message
from dbus_fast.aio import MessageBus

from widgets.guard.sightings import Kind, Sighting
from widgets.guard.watchers.openings import ToolOpenings
from widgets.guard.watchers.pipewire import PipeWireGraph, PipeWireWatch
from widgets.guard.watchers.processes import ProcessWatch, ProcFolder, Scanner
from widgets.guard.watchers.programs import Process, disguised_tool, known_tool
from widgets.guard.watchers.session_bus import BusMonitor, BusNames
from widgets.guard.watchers.threaded import Job, Posts

LIMIT = 15


class Desk:
    """Receives the posts of a job, in order."""

    def __init__(self) -> None:
        self.told: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self.open: dict[str, Sighting] = {}
        self.posts = Posts(
            self._began,
            self._ended,
            lambda: self._tell("ready", ""),
            lambda why: self._tell("failed", why),
            lambda: self._tell("alarm", ""),
        )

    def _tell(self, what: str, about: str) -> None:
        self.told.put_nowait((what, about))

    def _began(self, sighting: Sighting) -> None:
        self.open[sighting.key] = sighting
        self._tell("began", f"{sighting.kind.value} {sighting.tool}")

    def _ended(self, key: str) -> None:
        self._tell("ended", self.open.pop(key).tool)

    async def next(self) -> tuple[str, str]:
        return await asyncio.wait_for(self.told.get(), LIMIT)


@asynccontextmanager
async def watching(job: Job) -> AsyncIterator[Desk]:
    desk = Desk()
    task = asyncio.create_task(job.watch(desk.posts))
    try:
        yield desk
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[MessageBus]:
    bus = await MessageBus(bus_address=address).connect()
    try:
        yield bus
    finally:
        bus.disconnect()
        await bus.wait_for_disconnect()


async def test_recorders_that_own_a_name_are_seen_come_and_go(fresh_bus: str) -> None:
    async with connected(fresh_bus) as early:
        await early.request_name("com.deepin.ScreenRecorder")
        async with watching(BusNames(fresh_bus)) as desk:
            assert [await desk.next() for _ in range(2)] == [("began", "recorder 深度录屏"), ("ready", "")]
            async with connected(fresh_bus) as late:
                for name, title in (
                    ("org.dharkael.kylinscreenshot", "麒麟截图"),
                    ("org.gnome.Screenshot", "GNOME 截图"),
                    ("com.deepin.Screenshot", "深度截图"),
                ):
                    await late.request_name("com.example.harmless")
                    await late.request_name(name)
                    assert await desk.next() == ("began", f"screenshot {title}")
                    await late.release_name(name)
                    assert await desk.next() == ("ended", title)
            await early.release_name("com.deepin.ScreenRecorder")
            assert await desk.next() == ("ended", "深度录屏")


async def say(bus: MessageBus, interface: str, member: str, path: str, signature: str = "", body=()) -> None:
    """A method call to nobody: the bus shows it to monitors, as it would on a desktop."""
    await bus.call(
        Message(
            destination="org.freedesktop.portal.Desktop",
            path=path,
            interface=interface,
            member=member,
            signature=signature,
            body=list(body),
        )
    )


async def test_calls_to_the_portals_of_gnome_and_kde_are_seen(fresh_bus: str) -> None:
    portal = "/org/freedesktop/portal/desktop"
    session = f"{portal}/session/1_7/app"
    async with connected(fresh_bus) as service, watching(BusMonitor(fresh_bus)) as desk:
        await service.request_name("org.freedesktop.portal.Desktop")
        assert await desk.next() == ("ready", "")
        async with connected(fresh_bus) as app:
            cast = "org.freedesktop.portal.ScreenCast"
            await say(app, cast, "CreateSession", portal)
            await say(app, cast, "Start", portal, "osa{sv}", (session, "", {}))
            assert await desk.next() == ("began", "sharing 屏幕共享")
            await say(app, "org.freedesktop.portal.Session", "Close", session)
            assert await desk.next() == ("ended", "屏幕共享")
            # The user says no in the dialog.
            await say(app, cast, "Start", portal, "osa{sv}", (session, "", {}))
            assert (await desk.next())[0] == "began"
            asker = (app.unique_name or "").lstrip(":").replace(".", "_")
            await service.send(
                Message.new_signal(
                    f"{portal}/request/{asker}/t1",
                    "org.freedesktop.portal.Request",
                    "Response",
                    "ua{sv}",
                    [1, {}],
                )
            )
            assert (await desk.next())[0] == "ended"
            mutter = "org.gnome.Mutter.ScreenCast.Session"
            await say(app, mutter, "Start", "/org/gnome/Mutter/ScreenCast/Session/u1")
            assert await desk.next() == ("began", "sharing GNOME 录屏")
            await say(app, mutter, "Stop", "/org/gnome/Mutter/ScreenCast/Session/u1")
            assert (await desk.next())[0] == "ended"
            await say(app, "org.gnome.Shell.Screencast", "Screencast", "/", "sa{sv}", ("x.webm", {}))
            assert await desk.next() == ("began", "recorder GNOME 录屏")
            await say(app, "org.kde.KWin.ScreenShot2", "CaptureActiveScreen", "/org/kde/KWin/ScreenShot2")
            assert await desk.next() == ("began", "screenshot KDE 截图")
        # Both end: the recorder because its program is gone, the picture because it is over soon.
        assert {await desk.next(), await desk.next()} == {("ended", "GNOME 录屏"), ("ended", "KDE 截图")}


def node(number: int, props: dict) -> dict:
    return {"id": number, "type": "PipeWire:Interface:Node", "info": {"props": props}}


def link(number: int, out: int, into: int) -> dict:
    info = {"output-node-id": out, "input-node-id": into}
    return {"id": number, "type": "PipeWire:Interface:Link", "info": info}


def gone(number: int) -> dict:
    return {"id": number, "info": None}


CONSUMER = {"media.class": "Stream/Input/Video", "application.name": "OBS"}
CAMERA = {"media.class": "Video/Source", "media.role": "Camera", "device.api": "v4l2"}
SCREEN = {"media.class": "Stream/Output/Video", "node.name": "gnome-shell"}


def test_who_takes_in_a_screen_counts_and_who_takes_in_a_camera_does_not() -> None:
    graph = PipeWireGraph()
    graph.update([node(30, SCREEN), node(31, CAMERA), "nonsense", {"id": "x"}])
    assert graph.recorders() == {}
    graph.update([node(40, CONSUMER)])
    assert graph.recorders() == {40: "OBS"}
    graph.update([link(50, 31, 40)])
    assert graph.recorders() == {}
    graph.update([link(51, 30, 40)])
    assert graph.recorders() == {40: "OBS"}
    graph.update([gone(51), gone(50), gone(40)])
    assert graph.recorders() == {}


async def test_pipewires_monitor_is_read_in_pieces(tmp_path: Path) -> None:
    """A program that prints as `pw-dump --monitor` does stands for PipeWire, which cannot run here."""
    dump = tmp_path / "pw-dump"
    told = [
        json.dumps([node(30, SCREEN)], indent=2),
        json.dumps([node(40, CONSUMER | {"media.name": "录屏"})]),
    ]
    dump.write_text(
        f"#!{sys.executable}\nimport sys\nfor text in {told!r}:\n"
        "    data = text.encode()\n"
        "    for at in range(0, len(data), 7):\n"
        "        sys.stdout.buffer.write(data[at:at + 7]); sys.stdout.buffer.flush()\n"
        "    sys.stdout.buffer.write(b'\\n')\n"
        "sys.stdout.buffer.flush(); sys.stdin.read(); import signal; signal.pause()\n",
        encoding="utf-8",
    )
    dump.chmod(dump.stat().st_mode | stat.S_IXUSR)
    watch = PipeWireWatch((str(dump), "--monitor"))
    assert watch.is_available()
    assert not PipeWireWatch(("no-such-program",)).is_available()
    async with watching(watch) as desk:
        assert [await desk.next() for _ in range(2)] == [("ready", ""), ("began", "sharing OBS")]


def process(*arguments: str, comm: str = "", exe: str = "") -> Process:
    return Process(1, comm or Path(arguments[0]).name[:15], exe, arguments)


@pytest.mark.parametrize(
    ("arguments", "title"),
    [
        (("ffmpeg", "-f", "x11grab", "-i", ":0"), "ffmpeg"),
        (("ffmpeg", "-i", "film.mkv", "film.mp4"), None),
        (("gst-launch-1.0", "ximagesrc", "!", "x264enc"), "GStreamer"),
        (("/usr/bin/obs",), "OBS"),
        (("simplescreenrecorder", "--start-recording"), "SimpleScreenRecorder"),
        (("/usr/bin/python3", "/usr/bin/kazam"), "Kazam"),
        (("recordmydesktop",), "recordMyDesktop"),
        (("scrot", "x.png"), "scrot"),
        (("import-im6.q16", "-window", "root", "x.png"), "ImageMagick"),
        (("magick", "import", "x.png"), "ImageMagick"),
        (("convert", "a.png", "b.jpg"), None),
        (("xwd", "-root"), "xwd"),
        (("xfce4-screenshooter",), "Xfce 截图"),
        (("x11vnc", "-display", ":0"), "x11vnc"),
        (("mpv", "film.mkv"), None),
        (("grep", "x11grab"), None),
    ],
)
def test_programs_are_known_by_name_and_by_what_they_are_told(arguments: tuple, title: str | None) -> None:
    tool = known_tool(process(*arguments))
    assert (tool.title if tool else None) == title


def test_a_renamed_recorder_is_recognised_by_what_it_carries() -> None:
    renamed = process("./helper", "-f", "x11grab", exe="/tmp/helper")
    tool = disguised_tool(renamed, [])
    assert tool is not None
    assert (tool.kind, tool.title) == (Kind.RECORDER, "未知录屏程序（helper）")
    quiet = process("./helper", exe="/tmp/helper")
    assert disguised_tool(quiet, ["/usr/lib/libavdevice.so.59.7.100"]) is not None
    assert disguised_tool(quiet, ["/usr/lib/libavcodec.so.59"]) is None
    assert disguised_tool(process("mpv", exe="/usr/bin/mpv"), ["/usr/lib/libavdevice.so.59"]) is None


class Connected:
    """A display server whose clients are said by the test."""

    def __init__(self, *pids: int) -> None:
        self.found: set[int] | None = set(pids)

    def pids(self) -> set[int] | None:
        return self.found

    def close(self) -> None:
        pass


async def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


async def test_real_processes_are_found_when_they_start_and_lost_when_they_end(tmp_path: Path) -> None:
    """`sleep` under a recorder's name, seen in the real /proc; of another display it counts only when connected."""
    scrot = tmp_path / "scrot"
    shutil.copy("/bin/sleep", scrot)
    clients = Connected()
    scanner = Scanner(ProcFolder(), clients, ":77")

    async def run(display: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(scrot, "60", env={**os.environ, "DISPLAY": display})

    def seen() -> dict[str, str]:
        # Others work on this machine too: only this test's process counts.
        mine = {f"pid:{one.pid}" for one in processes}
        return {key: one.tool for key, one in scanner.scan(time.monotonic()).items() if key in mine}

    processes = [await run(":77")]
    await wait_for(lambda: list(seen().values()) == ["scrot"])
    processes[0].kill()
    await processes[0].wait()
    assert seen() == {}
    processes = [await run(":78")]
    await asyncio.sleep(0.2)
    assert seen() == {}
    clients.found = {processes[0].pid}
    await wait_for(lambda: list(seen().values()) == ["scrot"])
    processes[0].kill()
    await processes[0].wait()
    assert seen() == {}
    clients.found = None
    with pytest.raises(ConnectionError):
        scanner.scan(time.monotonic())


async def test_a_known_program_is_heard_when_it_starts_and_reading_its_file_is_no_capture(
    tmp_path: Path,
) -> None:
    scrot = tmp_path / "scrot"
    shutil.copy("/bin/sleep", scrot)
    openings = ToolOpenings.open([tmp_path])
    assert openings is not None
    assert ToolOpenings.open([tmp_path / "nothing"]) is None
    async with watching(ProcessWatch(openings=openings)) as desk:
        while (await desk.next())[0] != "ready":
            pass
        scrot.read_bytes()
        assert await desk.next() == ("alarm", "")
        program = await asyncio.create_subprocess_exec(scrot, "60")
        said = [await desk.next(), await desk.next()]
        assert ("alarm", "") in said
        while ("began", "screenshot scrot") not in said:
            said.append(await desk.next())
        program.kill()
        await program.wait()
        while ("ended", "scrot") not in said:
            said.append(await desk.next())

"""What every test stands on: isolation from the machine, and private screens, buses, databases and keyrings on demand."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from bed.trace import Catalogue
from hypothesis import HealthCheck, settings

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
WINDOW_TESTS = (HERE / "ui", HERE / "e2e")

# A flake is a bug: examples are derived from the test's own code, the same on every machine. Search for new ones
# with HYPOTHESIS_PROFILE=explore.
_QUIET = (HealthCheck.too_slow, HealthCheck.function_scoped_fixture)
settings.register_profile(
    "steady", derandomize=True, deadline=None, database=None, suppress_health_check=_QUIET
)
settings.register_profile("explore", deadline=None, max_examples=500, suppress_health_check=_QUIET)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

# Set before anything imports Qt, keyring or D-Bus: a test that asks for none of the fixtures below must not reach the
# person's own desktop, secrets or files.
os.environ.update(
    PYTHON_KEYRING_BACKEND="keyring.backends.fail.Keyring",
    DBUS_SESSION_BUS_ADDRESS="unix:path=/nonexistent/zhengding-tests",
    QT_QPA_PLATFORM="offscreen" if sys.platform == "linux" else os.environ.get("QT_QPA_PLATFORM", ""),
    # Child processes of a test find the product and the test bed as the test does.
    PYTHONPATH=os.pathsep.join((str(ROOT), str(HERE))),
    PYTHONUTF8="1",
    TZ="Asia/Shanghai",
)
for _name in (
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "QT_SCALE_FACTOR",
    "QT_QPA_PLATFORMTHEME",
    "QT_LOGGING_RULES",
):
    os.environ.pop(_name, None)


def needs_window(path: Path) -> bool:
    """Whether the tests of this file open real windows."""
    return any(folder in path.parents for folder in WINDOW_TESTS)


def uses_qt(item: pytest.Item) -> bool:
    """Whether this test runs beside a QApplication, so that its coroutine must run in Qt's loop."""
    names = set(getattr(item, "fixturenames", ()))
    return bool(names & {"qapp", "qtbot", "qtmodeltester"}) or (HERE / "ui") in item.path.parents


def _qt_loop() -> asyncio.AbstractEventLoop:
    from PySide6.QtWidgets import QApplication
    from qasync import QEventLoop

    application = QApplication.instance()
    if application is None:
        raise RuntimeError("an asynchronous test with windows needs the qapp or qtbot fixture")
    # A test that closes its only window must not thereby end the loop that it runs in.
    QApplication.setQuitOnLastWindowClosed(False)
    return QEventLoop(application)


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Coroutine tests with windows run in qasync's loop as the product does, all others in asyncio's own."""
    return {"qt": _qt_loop} if uses_qt(item) else {"asyncio": asyncio.new_event_loop}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse unknown requirement ids; kill rather than interrupt a window test that hangs inside Qt's own loop."""
    known = Catalogue.read(ROOT / "docs" / "requirements.csv").ids
    for item in items:
        for mark in item.iter_markers("clause"):
            unknown = [clause for clause in mark.args if clause not in known]
            if unknown or not mark.args:
                raise pytest.UsageError(
                    f"{item.nodeid}: no such requirement: {', '.join(map(str, unknown)) or 'none given'}"
                )
        if needs_window(item.path) and item.get_closest_marker("timeout") is None:
            # A signal cannot be delivered to Python while C++ holds the loop (an unexpected modal dialog).
            item.add_marker(pytest.mark.timeout(120, method="thread"))


def pytest_collection_finish() -> None:
    """What was imported and collected stays: the garbage collector need not look through it again and again."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which servers were left out, so that a green run is not mistaken for a whole one."""
    from bed import postgres, redis

    for name, reason in (("PostgreSQL", postgres.why_left_out()), ("Redis", redis.why_left_out())):
        if reason is not None:
            terminalreporter.write_line(f"{name} left out: {reason}", yellow=True)
    for report in terminalreporter.stats.get("rerun", ()):
        # What failed only once is a defect too, and seldom shows itself again: say how it looked.
        terminalreporter.write_sep("_", f"failed once: {report.nodeid} ({report.when})")
        terminalreporter.write_line(report.longreprtext[-4000:])


@pytest.fixture(scope="session")
def xvfb() -> Iterator[str]:
    """The display of this worker's own virtual screen (1366 x 768), with a window manager and a session bus."""
    if sys.platform != "linux":
        yield ""
        return
    from bed.bus import BusUnavailable, private_bus
    from bed.screen import ScreenUnavailable, VirtualScreen

    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory(prefix="zd-run-") as runtime:
        try:
            screen = VirtualScreen()
        except ScreenUnavailable as problem:
            pytest.fail(str(problem), pytrace=False)
        try:
            with private_bus() as address:
                for name, value in screen.environment().items():
                    patch.setenv(name, value)
                # Qt reads these once, at the first window: they hold for the whole worker.
                patch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
                patch.setenv("XDG_RUNTIME_DIR", runtime)
                yield screen.display
        except BusUnavailable as problem:
            pytest.fail(str(problem), pytrace=False)
        finally:
            _end_application()
            screen.close()


def _end_application() -> None:
    """Destroy the QApplication before its screen: Qt ends the whole process when the X connection breaks."""
    if "PySide6.QtWidgets" not in sys.modules:
        return
    from PySide6.QtCore import QEvent
    from PySide6.QtWidgets import QApplication

    application = QApplication.instance()
    if application is not None:
        # Windows that tests left go while everything that filters their events still lives: `shutdown` destroys all
        # objects in any order, and crashes when a filter written in Python is gone before what it listens to.
        for window in QApplication.topLevelWidgets():
            window.hide()
            window.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        application.shutdown()


@pytest.fixture(scope="session")
def qapp_args(xvfb: str) -> list[str]:
    """pytest-qt builds its QApplication from these; asking for the screen makes it appear on that screen."""
    return ["zhengding-tests"]


@pytest.fixture(autouse=True)
def _window_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tests under ui/ and e2e/ have a screen, and those under ui/ a QApplication, without asking."""
    if needs_window(request.path):
        request.getfixturevalue("xvfb")
    app = request.getfixturevalue("qapp") if uses_qt(request.node) else None
    if app is not None:
        # As in the program (app/shell/collector.py): garbage collected in a store's thread would destroy widgets there.
        # Not switched on again: windows of this test may be found in a later one, which has threads too.
        gc.disable()
        sheet, font, palette = app.styleSheet(), app.font(), app.palette()
    yield
    if app is not None and (app.styleSheet() != sheet or app.font() != font):
        # A theme that a test put on must not change what the next one measures.
        app.setStyleSheet(sheet)
        app.setFont(font)
        app.setPalette(palette)
    if not gc.isenabled() and gc.get_count()[0] > 20_000:
        with warnings.catch_warnings():
            # What is found now was left by any of the tests before: it is not this one's fault.
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of this test's own, named by HOME, the XDG variables and their Windows counterparts."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    for name, child in {
        "XDG_CONFIG_HOME": ".config",
        "XDG_DATA_HOME": ".local/share",
        "XDG_STATE_HOME": ".local/state",
        "XDG_CACHE_HOME": ".cache",
        "APPDATA": "AppData/Roaming",
        "LOCALAPPDATA": "AppData/Local",
    }.items():
        monkeypatch.setenv(name, str(folder / child))
    return folder


@pytest.fixture
def session_bus(xvfb: str) -> str:
    """The address of this worker's session bus, the one that Qt is connected to."""
    return os.environ["DBUS_SESSION_BUS_ADDRESS"]


@pytest.fixture
def fresh_bus() -> Iterator[str]:
    """The address of an empty bus for this test alone; pass it on, it is not in the environment."""
    from bed.bus import BusUnavailable, private_bus

    try:
        with private_bus() as address:
            yield address
    except BusUnavailable as problem:
        pytest.skip(f"D-Bus left out: {problem}")


@pytest.fixture
def memory_keyring() -> Iterator[object]:
    """A `bed.keyrings.MemoryKeyring`, current in `keyring` for this test."""
    import keyring
    from bed.keyrings import MemoryKeyring

    before = keyring.get_keyring()
    current = MemoryKeyring()
    keyring.set_keyring(current)
    yield current
    keyring.set_keyring(before)


@pytest.fixture
def file_keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a keyring for child processes: they find `bed.keyrings.FileKeyring` through the environment."""
    import keyring
    from bed.keyrings import FILE_VARIABLE

    # Chosen at its first use and kept: it must not be chosen while the environment names this test's file.
    keyring.get_keyring()
    path = tmp_path / "keyring.json"
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "bed.keyrings.FileKeyring")
    monkeypatch.setenv(FILE_VARIABLE, str(path))
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[object]:
    """This worker's `bed.postgres.PostgresCluster`; the test is skipped, with the reason, where none can be made."""
    from bed.postgres import PostgresCluster, PostgresUnavailable, why_left_out

    reason = why_left_out()
    if reason is not None:
        pytest.skip(f"PostgreSQL left out: {reason}")
    try:
        cluster = PostgresCluster()
    except PostgresUnavailable as problem:
        pytest.fail(f"PostgreSQL is installed but does not start: {problem}", pytrace=False)
    yield cluster
    cluster.close()


@pytest.fixture(scope="session")
def postgres_url(postgres) -> str:
    """URL of the cluster's administrative database (`postgresql+psycopg://...`)."""
    return postgres.url()


@pytest.fixture
def fresh_postgres(postgres) -> Iterator[Callable[..., str]]:
    """Call it for the URL of a new empty database, or of a copy of `template=NAME`; all are dropped afterwards."""
    made: list[str] = []

    def create(template: str | None = None, *, driver: str = "+psycopg") -> str:
        made.append(postgres.create(template))
        return postgres.url(made[-1], driver=driver)

    yield create
    for name in made:
        postgres.drop(name)


@pytest.fixture(scope="session")
def _redis() -> Iterator[object]:
    from bed.redis import RedisServer, why_left_out

    reason = why_left_out()
    if reason is not None:
        pytest.skip(f"Redis left out: {reason}")
    server = RedisServer()
    yield server
    server.close()


@pytest.fixture
def redis_url(_redis) -> str:
    """URL of this worker's own Redis server, empty at the start of every test."""
    _redis.flush()
    return _redis.url

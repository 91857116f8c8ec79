"""Own pictures of people and groups: fetched once, decoded away from the interface, shown wherever avatars are painted."""

import asyncio
import threading

import pytest
from PySide6.QtCore import QBuffer, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from app.features.chat.list_items import avatar_of
from app.features.contacts.card import PersonCard
from app.features.secret.row import MASKED
from app.shell import faces as module
from app.shell.faces import AccountFaces, rounded
from app.shell.org_picker import OrgPicker
from app.shell.tasks import Tasks
from app.showcase.chat_service import ShowcaseChat
from app.showcase.office import BY_ID
from app.store.queries.pictures import Face
from server_stub.contract.directory import Person, SearchResult, Unit, UnitChildren
from widgets.chat.message_list import MessageListView
from widgets.chat.rows import BubbleRow, RowKind
from widgets.controls import Avatar, AvatarSpec, paint_avatar
from widgets.lists import PeopleDelegate, PeopleModel, PersonItem, RowView
from widgets.theme import ThemeManager

RED, BLUE = QColor("#ff0000"), QColor("#0000ff")


def png(color: QColor, width: int = 200, height: int = 120) -> bytes:
    """A picture of one colour."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(color)
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


class Bench:
    """Faces over a store in memory; `belongs` tells who has which picture."""

    def __init__(self) -> None:
        self.themes = ThemeManager(animations=False)
        self.tasks = Tasks(lambda error, doing: pytest.fail(f"{doing}: {error!r}"))
        self.belongs: dict[str, str] = {}
        self.stand: dict[str, tuple[tuple[str, str], ...]] = {}
        self.pictures: dict[str, bytes] = {}
        self.fetched: list[str] = []
        self.looked: list[str] = []
        self.faces = AccountFaces(self.themes, self.tasks, self._find, self._fetch)
        self.themes.set_faces(self.faces)

    async def _find(self, ids) -> dict[str, Face]:
        self.looked += ids
        return {id: Face(self.belongs.get(id, ""), self.stand.get(id, ())) for id in ids}

    async def _fetch(self, id: str) -> bytes:
        self.fetched.append(id)
        await asyncio.sleep(0)
        return self.pictures[id]

    async def until(self, condition) -> None:
        """Let the loop turn until something is so."""
        for _ in range(3000):
            if condition():
                return
            await asyncio.sleep(0.002)
        raise AssertionError("it never came true")

    async def face(self, seed: str, pixels: int = 40) -> QPixmap:
        """The picture of somebody once it is there."""
        await self.until(lambda: self.faces.picture(seed, pixels) is not None)
        found = self.faces.picture(seed, pixels)
        assert found is not None
        return found


@pytest.fixture
async def bench(qapp):
    made = Bench()
    yield made
    made.faces.close()
    await made.tasks.close()


def shows(widget: QWidget, color: QColor) -> bool:
    """Whether some pixel of a widget has exactly this colour."""
    image = widget.grab().toImage()
    wanted = color.rgb()
    return any(
        image.pixel(x, y) == wanted for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)
    )


def drawn(spec: AvatarSpec, themes: ThemeManager, side: int = 40) -> QImage:
    """An avatar on a white ground."""
    image = QImage(side, side, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    paint_avatar(painter, QRectF(0, 0, side, side), spec, themes)
    painter.end()
    return image


@pytest.mark.clause("E148", "E080")
async def test_a_picture_is_shown_in_lists_messages_and_cards_as_soon_as_it_is_there(bench, qtbot) -> None:
    bench.belongs["p-sun"] = "one"
    bench.pictures["one"] = png(RED)
    people = RowView(bench.themes, PeopleDelegate(bench.themes, two_lines=True), surface="content")
    people.setModel(PeopleModel([PersonItem("p-sun", "孙丽华", "科长")], people))
    messages = MessageListView(bench.themes)
    messages.set_rows([BubbleRow("1", RowKind.TEXT, author="p-sun", name="孙丽华", author_id="p-sun")])
    card = PersonCard(bench.themes)
    card.show_person(BY_ID["p-sun"], online=True, is_me=False)
    every = [people, messages, card, Avatar(bench.themes, AvatarSpec("孙丽华", "p-sun"), 72)]
    for one in every:
        qtbot.addWidget(one)
        one.resize(300, 300)
        one.show()
        assert not shows(one, RED)
    await bench.until(lambda: all(shows(one, RED) for one in every))
    assert set(bench.fetched) == {"one"}
    # Each size is fetched through the store; nothing is asked for again while it is painted.
    often = len(bench.fetched)
    for one in every:
        one.grab()
    await bench.tasks.settle()
    assert len(bench.fetched) == often


@pytest.mark.clause("E148")
async def test_pictures_are_decoded_in_another_thread_with_round_corners(bench, monkeypatch) -> None:
    threads: list[threading.Thread] = []

    def noted(data: bytes, pixels: int, radius: float) -> QImage:
        threads.append(threading.current_thread())
        return rounded(data, pixels, radius)

    monkeypatch.setattr(module, "rounded", noted)
    bench.belongs["p-sun"] = "one"
    bench.pictures["one"] = png(RED, 640, 200)
    picture = await bench.face("p-sun", 60)
    assert threads
    assert threading.main_thread() not in threads
    image = picture.toImage()
    assert (image.width(), image.height()) == (60, 60)
    assert image.pixelColor(30, 30) == RED
    assert image.pixelColor(0, 0).alpha() == 0
    assert image.pixelColor(30, 0).alpha() == 255


@pytest.mark.clause("E148")
async def test_another_picture_replaces_the_old_one_and_none_brings_the_initial_back(bench) -> None:
    bench.belongs["p-sun"] = "one"
    bench.pictures |= {"one": png(RED), "two": png(BLUE)}
    await bench.face("p-sun")
    told: list[int] = []
    bench.themes.faces_changed.connect(lambda: told.append(bench.faces.generation))
    bench.belongs["p-sun"] = "two"
    bench.faces.changed({"p-sun", "p-other"})
    # The old one stays until it is known that there is another.
    assert bench.faces.picture("p-sun", 40) is not None
    await bench.until(
        lambda: (face := bench.faces.picture("p-sun", 40)) and face.toImage().pixelColor(20, 20) == BLUE
    )
    assert told
    assert "p-other" not in bench.looked
    bench.belongs.clear()
    bench.faces.changed(frozenset())
    await bench.until(lambda: bench.faces.picture("p-sun", 40) is None)


@pytest.mark.clause("E080")
async def test_a_group_shows_its_members_and_its_own_picture_before_them(bench) -> None:
    row = next(one for one in ShowcaseChat().conversations.values() if len(one.sample_members) > 2)
    names = {id: BY_ID[id].name for id in row.sample_members}
    spec = avatar_of(row, names)
    assert len(spec.members) > 2
    first = spec.members[0].seed
    bench.belongs[first] = "one"
    bench.pictures |= {"one": png(RED), "two": png(BLUE)}

    def colors() -> set[int]:
        image = drawn(spec, bench.themes)
        return {image.pixel(x, y) for x in range(40) for y in range(40)}

    await bench.until(lambda: RED.rgb() in colors())
    assert BLUE.rgb() not in colors()
    bench.belongs[row.id] = "two"
    bench.faces.changed({row.id})
    await bench.until(lambda: BLUE.rgb() in colors())
    assert RED.rgb() not in colors()


@pytest.mark.clause("3.1.1.7")
async def test_what_is_masked_never_asks_for_a_picture(bench) -> None:
    spec = AvatarSpec("孙丽华", "p-sun", pixelated=True)
    first = drawn(spec, bench.themes)
    assert drawn(MASKED, bench.themes) == first
    # Somebody who is not masked is asked for in the same turn of the loop; the masked one is not among them.
    drawn(AvatarSpec("赵敏", "p-zhao"), bench.themes)
    await bench.until(lambda: bench.looked)
    assert bench.looked == ["p-zhao"]


@pytest.mark.clause("E148")
async def test_memory_stays_within_bounds_and_what_is_no_picture_leaves_the_initial(
    bench, monkeypatch
) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 5 * 40 * 40 * 4)
    for number in range(12):
        bench.belongs[f"p-{number}"] = f"a-{number}"
        bench.pictures[f"a-{number}"] = png(RED)
        await bench.face(f"p-{number}")
        assert bench.faces.bytes <= module.MOST_BYTES
    # The first went to make room, and comes back when it is looked at.
    assert bench.faces.picture("p-0", 40) is None
    await bench.face("p-0")
    bench.belongs["p-bad"], bench.pictures["a-bad"] = "a-bad", b"no picture"
    before = drawn(AvatarSpec("坏", "p-bad"), bench.themes)
    await bench.until(lambda: "a-bad" in bench.fetched or bench.faces.picture("p-bad", 40))
    await bench.tasks.settle()
    assert drawn(AvatarSpec("坏", "p-bad"), bench.themes) == before
    assert bench.fetched.count("a-bad") == 1


@pytest.mark.clause("E080", "E053")
async def test_a_group_is_known_by_its_faces_wherever_its_id_is_painted(bench) -> None:
    bench.stand["c-1"] = (("p-sun", "孙丽华"), ("p-zhao", "赵敏"))
    bench.belongs["p-sun"], bench.pictures["one"] = "one", png(RED)
    # As the results of a search paint it: by id, with a sign for those without members.
    found = AvatarSpec("值班群", "c-1", icon="users")
    plain = drawn(found, bench.themes)

    def red() -> bool:
        image = drawn(found, bench.themes)
        return any(image.pixel(x, y) == RED.rgb() for x in range(40) for y in range(40))

    await bench.until(red)
    assert drawn(found, bench.themes) != plain
    # One alone makes no mosaic.
    bench.stand["c-1"] = (("p-sun", "孙丽华"),)
    bench.faces.changed({"c-1"})
    await bench.until(lambda: drawn(found, bench.themes) == plain)


@pytest.mark.clause("E148", "E021")
async def test_the_tree_of_a_picker_asks_only_for_whom_it_shows(bench, qtbot) -> None:
    people = [Person(id=f"p-{n}", name=f"王{n}") for n in range(400)]

    class Office:
        async def unit_children(self, unit_id: str = "") -> UnitChildren:
            unit = Unit(id="u", name="办公室", people_count=len(people))
            return UnitChildren(unit=unit, path=[], units=[], people=people, people_total=len(people))

        async def search(self, text: str, limit: int) -> SearchResult:
            return SearchResult(people=[], units=[])

    async def nothing(_picked) -> None:
        return

    bench.belongs["p-2"], bench.pictures["one"] = "one", png(RED)
    picker = OrgPicker(Office(), bench.themes, "选人", nothing, units=False)
    qtbot.addWidget(picker)
    picker.show()
    await bench.until(lambda: shows(picker.tree, RED))
    assert "p-2" in bench.looked
    assert 0 < len(set(bench.looked)) < 60
    # A picture is no tick.
    assert picker.picked == []
    picker.reject()

"""A document sent between two real windows is found by its words, opened from there, and forgotten when that is switched off."""

import asyncio

import docx
import pytest
from bed.duo import until
from test_main_client import at_desks, collector, server, shown  # noqa: F401 - fixtures

from app.session.states import LinkState
from app.store.database import Reader
from app.store.queries import file_texts, messages
from server_stub.contract.content import FileContent
from widgets.lists import PersonItem


@pytest.mark.clause("3.2.6.13", "E055")
@at_desks
async def test_words_of_a_received_document_are_found_until_that_is_switched_off(one, two, server):  # noqa: F811
    await one.start()
    await two.start()
    first = await one.sign_in(*server.login(0))
    second = await two.sign_in(*server.login(1))
    for desk, workspace in ((one, first), (two, second)):
        await desk.until(lambda w=workspace: w.session.link_state is LinkState.ONLINE)
    chat = await first.session.conversations.open_single(second.session.me.id)
    path = one.home.server.parent / "储备清单.docx"
    document = docx.Document()
    document.add_paragraph("防汛物资储备清单")
    document.add_paragraph("大功率抽水泵车三十二台，存放在城东仓库。")
    await asyncio.to_thread(document.save, str(path))
    await first.session.send.files(chat, [path])

    def brought(db: Reader) -> FileContent | None:
        """The demo's people have sent one another files before."""
        contents = [row.content for row in messages.with_files(db, chat, 20)]
        return next(
            (one for one in contents if isinstance(one, FileContent) and one.file.name == path.name), None
        )

    await until(second.session, brought, 30)
    content = await second.session.store.read(brought)
    assert content is not None
    await second.session.files.fetched(content.file, chat)
    reading = second.reading
    assert reading is not None

    def words(db: Reader) -> str:
        return file_texts.text_of(db, content.file.file_id)

    await until(second.session, words, 60)
    dialog = second.search.open()
    dialog.search.edit.setText("城东仓库")

    def found() -> list[PersonItem]:
        return [
            item
            for item in dialog.model.items
            if isinstance(item, PersonItem) and item.name == "储备清单.docx"
        ]

    await two.until(found)
    assert "抽水泵车三十二台" in found()[0].note
    names = [item.name if isinstance(item, PersonItem) else "" for item in dialog.model.items]
    dialog.rows.go(names.index("储备清单.docx"))
    dialog.rows.open_current()
    await two.until(lambda: second.chat is not None and second.chat.current_conversation == chat)
    assert shown(second).conversation is not None
    # Switched off: forgotten at once, and not read again.
    two.preferences.set(file_texts=False)
    await until(second.session, lambda db: not words(db), 20)
    await asyncio.wait_for(reading.caught_up.wait(), 20)
    assert await second.session.store.read(lambda db: db.one("SELECT 1 FROM file_texts")) is None
    # And on again.
    two.preferences.set(file_texts=True)
    await until(second.session, lambda db: "城东仓库" in words(db), 60)

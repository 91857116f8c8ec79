"""Files and pictures of an open conversation: send, open, save, pause, look at (E091, E101)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from app.session.filecache import safe_name
from app.shell.problems import describe
from app.shell.tasks import Tasks
from app.store.records import MessageRow, MessageState, TransferState
from server_stub.contract.content import FILED, FileRef, ImageContent, Quote, VideoContent
from widgets.theme import ThemeManager
from widgets.viewer.picture_viewer import PictureItem, PictureViewer

from . import pictures
from .preview_view import FilePreview, preview_kind, read_text
from .service import ChatService
from .tools import ChatTools

PROGRAMS = frozenset(
    [
        "exe",
        "msi",
        "bat",
        "cmd",
        "com",
        "scr",
        "ps1",
        "vbs",
        "js",
        "jse",
        "wsf",
        "hta",
        "lnk",
        "reg",
        "jar",
        "sh",
        "run",
        "bin",
        "desktop",
        "deb",
        "rpm",
        "appimage",
        "py",
    ]
)
"""Opening one of these would run it; they can only be saved."""
FILMS = {
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/quicktime",
    ".webm": "video/webm",
    ".mkv": "video/x-matroska",
    ".avi": "video/x-msvideo",
}
"""What is sent as a film where it can be looked into, else as a file."""
PICTURE_NAME = "截图.png"
FILM_IN_MEMORY = 32 * 1024 * 1024
"""Larger films are played from a plain copy in the private folder, which is wiped at exit."""

Opener = Callable[[QUrl], bool]
LinkOpener = Callable[[str, Callable[[QUrl], object], QWidget], object]
"""Opens a web address with the opener, or does not; dialogs stand over the widget's window."""


def file_of(row: MessageRow | None) -> FileRef | None:
    """The file that a message carries."""
    content = row.content if row is not None else None
    return content.file if isinstance(content, FILED) else None


class ConversationFiles(QObject):
    """Signals: `told(text, kind)` for a short message (kinds of Toast); `saved(path)` when a file lies where it was wanted.

    `opener` hands an address to the system's program.
    """

    told = Signal(str, str)
    saved = Signal(object)

    def __init__(
        self,
        service: ChatService,
        themes: ThemeManager,
        tasks: Tasks,
        owner: QWidget,
        opener: Opener = QDesktopServices.openUrl,
        tools: ChatTools | None = None,
    ) -> None:
        super().__init__(owner)
        self._tools = tools or ChatTools()
        self._service, self._themes, self._tasks = service, themes, tasks
        self._owner, self._opener = owner, opener
        self.kept: dict[str, Path] = {}
        """Where files were saved in this session, by file id."""
        self.viewer: PictureViewer | None = None
        self._films: list[QWidget] = []
        """Open windows of films and previews."""

    # Sending.

    def send(self, conversation_id: str, paths: Sequence[Path], quote: Quote | None = None) -> None:
        """Send files; pictures among them as pictures."""
        self._tasks.start(self._send(conversation_id, list(paths), quote), "发送文件")

    async def deliver(self, conversation_id: str, path: Path) -> None:
        """Send one file or folder, and hear of it when it is refused."""
        await self._send(conversation_id, [path], None)

    async def _send(self, conversation_id: str, paths: list[Path], quote: Quote | None) -> None:
        kinds = await asyncio.to_thread(lambda: [(path, path.is_dir()) for path in paths])
        for path, folder in kinds:
            # One after another, so that they arrive in the order chosen.
            await self._send_one(conversation_id, path, folder, quote)
            quote = None

    async def _send_one(self, conversation_id: str, path: Path, folder: bool, quote: Quote | None) -> None:
        if folder:
            await self._service.kinds.send_folder(conversation_id, path, quote=quote)
            return
        media = FILMS.get(path.suffix.lower())
        if media is not None:
            facts = await self._tools.film_facts(path)
            if facts.duration_ms or facts.thumbnail:
                await self._service.kinds.send_video(
                    conversation_id, path, facts, media_type=media, quote=quote
                )
                return
        picture = await asyncio.to_thread(pictures.from_file, path)
        if picture is None:
            await self._service.send_files(conversation_id, [path], quote=quote)
        else:
            await self._send_picture(conversation_id, picture, quote)

    def send_image(self, conversation_id: str, image: QImage, quote: Quote | None = None) -> None:
        """Send a picture from memory (pasted, screenshot)."""
        self._tasks.start(self._send_image(conversation_id, image, quote), "发送图片")

    async def _send_image(self, conversation_id: str, image: QImage, quote: Quote | None) -> None:
        picture = await asyncio.to_thread(pictures.from_image, image, PICTURE_NAME)
        await self._send_picture(conversation_id, picture, quote)

    async def _send_picture(
        self, conversation_id: str, picture: pictures.Picture, quote: Quote | None
    ) -> None:
        await self._service.send_image(
            conversation_id,
            picture.data,
            name=picture.name,
            width=picture.width,
            height=picture.height,
            thumbnail=picture.thumbnail,
            media_type=picture.media_type,
            quote=quote,
        )

    # What is there.

    def act(self, file: FileRef, action: str, state: TransferState | None) -> None:
        """`action`: open, save, reveal, pause, resume, cancel; `state` is the transfer's."""
        match action:
            case "open" if state is TransferState.PAUSED:
                self._tasks.start(self._service.resume(file.file_id), "继续传输")
            case "open" if state in (TransferState.RUNNING, TransferState.QUEUED, TransferState.PREPARING):
                self.told.emit("文件正在传输，完成后就可以打开。", "info")
            case "open" if preview_kind(file.name, file.size):
                self._tasks.start(self._preview(file), "预览文件")
            case "open" | "outside":
                self._open(file)
            case "save":
                self.save_as(file)
            case "reveal":
                self._reveal(file)
            case "pause":
                self._tasks.start(self._service.pause(file.file_id), "暂停传输")
            case "resume":
                self._tasks.start(self._service.resume(file.file_id), "继续传输")
            case "cancel":
                self._tasks.start(self._service.cancel(file.file_id), "取消传输")
            case _:
                return

    def _open(self, file: FileRef) -> None:
        ending = file.name.rsplit(".", 1)[-1].lower() if "." in file.name else ""
        if ending in PROGRAMS:
            self.told.emit(
                "这是程序类文件，为安全起见不能直接打开。请用右键“另存为”，确认来源后再使用。", "warn"
            )
            return
        self._tasks.start(self._fetch_and_open(file), "打开文件")

    async def _preview(self, file: FileRef) -> None:
        kind = preview_kind(file.name, file.size)
        if kind == "picture":
            self.look_at_one(ImageContent(file=file, width=0, height=0))
            return
        window = FilePreview(self._themes, file.name, self._tasks, self._owner.window())
        self._films.append(window)
        window.destroyed.connect(lambda: self._films.remove(window) if window in self._films else None)
        window.save_wanted.connect(lambda: self.save_as(file))
        window.outside_wanted.connect(lambda: self._open(file))
        window.show()
        try:
            data = await self._service.file_bytes(file.file_id)
            if window not in self._films:
                return
            if kind == "pdf":
                await window.give_pdf(data)
            else:
                window.give_text(await asyncio.to_thread(read_text, data))
        except ValueError:
            window.fail("这个文件已损坏或设有密码，请另存后用其他程序打开。")
        except Exception as error:
            if window in self._films:
                window.fail(describe(error, "预览文件").text)

    async def _fetch_and_open(self, file: FileRef) -> None:
        path = await self._service.open_file(file.file_id)
        if not self._opener(QUrl.fromLocalFile(str(path))):
            self.told.emit("系统里没有能打开它的程序，请用右键“另存为”。", "warn")

    def save_as(self, file: FileRef) -> None:
        """Ask where to, and save."""
        dialog = QFileDialog(self._owner, "另存为", file.name)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.fileSelected.connect(lambda name: self.save_to(file, Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save_to(self, file: FileRef, target: Path) -> None:
        """Save there."""
        self._tasks.start(self._save(file, target), "保存文件")

    async def _save(self, file: FileRef, target: Path) -> None:
        await self._service.save_file(file.file_id, target)
        self.kept[file.file_id] = target
        self.saved.emit(target)

    async def save_beside(self, file: FileRef, folder: Path) -> Path:
        """Save into a folder under the file's own name; what lies there already stays."""

        def free() -> Path:
            target = folder / safe_name(file.name)
            number = 1
            while target.exists():
                number += 1
                plain = folder / safe_name(file.name)
                target = plain.with_name(f"{plain.stem} ({number}){plain.suffix}")
            return target

        target = await asyncio.to_thread(free)
        await self._service.save_file(file.file_id, target)
        self.kept[file.file_id] = target
        return target

    def _reveal(self, file: FileRef) -> None:
        path = self.kept.get(file.file_id)
        if path is not None:
            self.reveal(path)

    def reveal(self, path: Path) -> None:
        """Show a saved file's folder in the system's file manager."""
        self._opener(QUrl.fromLocalFile(str(path.parent)))

    # Pictures.

    def copy_picture(self, file: FileRef) -> None:
        """Put a picture on the clipboard."""
        self._tasks.start(self._copy_picture(file), "复制图片")

    async def _copy_picture(self, file: FileRef) -> None:
        image = QImage.fromData(await self._service.file_bytes(file.file_id))
        if image.isNull():
            self.told.emit("图片已损坏，无法复制。", "bad")
            return
        QGuiApplication.clipboard().setImage(image)
        self.told.emit("图片已复制", "ok")

    def look_at_one(self, content: ImageContent) -> None:
        """Open the viewer with one picture (out of a forwarded record)."""
        row = MessageRow("", 1, content.file.file_id, "", 0, MessageState.OPENED, content)
        self.look_at([row], content.file.file_id)

    def play(self, content: VideoContent) -> None:
        """Play a film in a window of its own."""
        self._tasks.start(self._play(content), "播放视频")

    async def _play(self, content: VideoContent) -> None:
        # Imported when a film is first played: the multimedia library is large.
        try:
            from .film_view import FilmWindow
        except ImportError:
            self.told.emit("这台电脑缺少播放视频的系统组件（libpulse），请另存后用其他播放器打开。", "warn")
            return

        window = FilmWindow(self._themes, content, self._owner.window())
        self._films.append(window)
        window.destroyed.connect(lambda: self._films.remove(window) if window in self._films else None)
        window.save_wanted.connect(lambda: self.save_as(content.file))
        window.show()
        try:
            if content.file.size <= FILM_IN_MEMORY:
                window.give_bytes(await self._service.file_bytes(content.file.file_id))
            else:
                window.give_path(await self._service.open_file(content.file.file_id))
        except Exception as error:
            if window in self._films:
                window.fail(describe(error, "播放视频").text)

    def look_at(self, rows: Sequence[MessageRow], client_id: str) -> None:
        """Open the viewer with the pictures of `rows` at the one named."""
        items: list[PictureItem] = []
        files: dict[str, FileRef] = {}
        for row in rows:
            if isinstance(row.content, ImageContent):
                items.append(PictureItem(row.client_id, row.content.file.name, row.content.thumbnail))
                files[row.client_id] = row.content.file
        if client_id not in files:
            return
        if self.viewer is not None:
            self.viewer.close()
        viewer = self.viewer = PictureViewer(self._themes, items, client_id, self._owner)
        viewer.wanted.connect(lambda key: self._tasks.start(self._load(viewer, key, files[key]), "读取图片"))
        viewer.save_wanted.connect(lambda key: self.save_as(files[key]))
        viewer.closed.connect(lambda: self._viewer_closed(viewer))
        viewer.open()

    async def _load(self, viewer: PictureViewer, key: str, file: FileRef) -> None:
        try:
            data = await self._service.file_bytes(file.file_id)
            image = await asyncio.to_thread(QImage.fromData, data)
        except Exception:
            if self.viewer is viewer:
                viewer.fail(key, "图片没有取到，请检查网络后按 R 重试。")
            raise
        if self.viewer is not viewer:
            # It was closed meanwhile.
            return
        if image.isNull():
            viewer.fail(key, "图片已损坏，无法显示。")
        else:
            viewer.give(key, image)

    def close(self) -> None:
        """Take the windows of pictures and films away (the session ends)."""
        for window in list(self._films):
            window.close()
        if self.viewer is not None:
            self.viewer.close()

    def _viewer_closed(self, viewer: PictureViewer) -> None:
        if self.viewer is viewer:
            self.viewer = None

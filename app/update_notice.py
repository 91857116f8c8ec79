"""Says once for each new version that there is one, and leads to where it can be had (E173, E174)."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from app.features.settings.facts import is_newer
from app.features.settings.service import SettingsService
from app.session.session import Session
from app.session.states import NetworkError
from app.store.queries import preferences
from server_stub.contract.errors import ApiError
from widgets.controls import ConfirmDialog
from widgets.theme import ThemeManager

_TOLD = "update_told"
_NOTES = 400


class UpdateNotice:
    """`look` asks the server once; `more()` shows the page with the version and its download."""

    def __init__(
        self, session: Session, settings: SettingsService, themes: ThemeManager, more: Callable[[], object]
    ) -> None:
        self._session, self._settings, self._themes, self._more = session, settings, themes, more
        self._looked = False

    async def look(self, over: QWidget) -> None:
        """Tell of a version that is newer than this one and was not told of before."""
        if self._looked:
            return
        try:
            release = await self._settings.release()
        except (NetworkError, ApiError):
            return  # The next connection asks again.
        self._looked = True
        told = await self._session.store.read(lambda db: preferences.get(db, _TOLD, ""))
        if told == release.version or not is_newer(release.version, self._settings.about.version):
            return
        await self._session.set_preference(_TOLD, release.version)
        notes = release.notes.strip()[:_NOTES]
        text = f"当前版本 {self._settings.about.version}。" + (f"\n\n{notes}" if notes else "")
        dialog = ConfirmDialog(
            self._themes, f"有新版本 {release.version}", text, "去升级", "以后再说", parent=over
        )
        dialog.accepted.connect(self._more)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

"""Qt's own words in Chinese: file dialogs, standard buttons, context menus of text fields, names of keys.

Qt brings most of them (`qtbase_zh_CN.qm` in PySide6's wheel, kept by installers/prune.py). What it leaves in English, or says
in a word that no office program uses, comes from `qt_words/own_zh_CN.qm`, which `pyside6-lrelease` makes of the `.ts` beside it.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

OWN = Path(__file__).parent / "qt_words" / "own_zh_CN.qm"

log = logging.getLogger(__name__)


def date_in_chinese() -> None:
    """To be called before the QApplication is made: dates in Qt's file dialog follow the system, not the program, and a session
    without a language would say them in English."""
    if sys.platform == "linux":
        os.environ.setdefault("LC_TIME", "zh_CN.UTF-8")


def speak_chinese(application: QCoreApplication) -> bool:
    """Make Chinese the program's language and put Qt's words into it; returns whether all words were found."""
    QLocale.setDefault(QLocale(QLocale.Language.Chinese, QLocale.Country.China))
    complete = True
    # Qt asks the one installed last first: ours go before Qt's.
    qt_words = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath), "qtbase_zh_CN.qm")
    for path in (qt_words, OWN):
        translator = QTranslator(application)
        if not translator.load(str(path)) or not application.installTranslator(translator):
            log.warning("no Chinese words for Qt in %s", path.name)
            complete = False
    return complete

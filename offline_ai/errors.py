"""What can go wrong, as types; every message is Chinese and fit to be shown to a clerk."""

from __future__ import annotations


class OfflineAIError(Exception):
    """Base of all errors of this package: `message` for the person, `hint` what to do next, `code` for programs."""

    code = "offline_ai"
    hint = ""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if hint is not None:
            self.hint = hint


class MissingComponent(OfflineAIError):
    """An optional library or program is not installed."""

    code = "missing_component"


class UnreadableDocument(OfflineAIError):
    """Base of the reasons why a file gave no document."""

    code = "unreadable"


class UnknownFormat(UnreadableDocument):
    """The content is of no kind that we read, whatever its name says."""

    code = "unknown_format"
    hint = "请换成 docx、xlsx、xls、pptx、pdf、txt、md、html 中的一种再试。"


class DamagedDocument(UnreadableDocument):
    """The file is of a known kind but broken."""

    code = "damaged"
    hint = "请用原来的软件打开并另存一份，再试。"


class EncryptedDocument(UnreadableDocument):
    """The file needs a password."""

    code = "encrypted"
    hint = "请先去掉打开密码，再试。"


class EmptyDocument(UnreadableDocument):
    """The file holds no text; a scanned PDF is one of these."""

    code = "empty"
    hint = "如果是扫描件，请使用智能收文里的文字识别。"


class DocumentTooLarge(UnreadableDocument):
    """The file, or what it would unpack to, is beyond the limits."""

    code = "too_large"
    hint = "请拆成几个较小的文件再试。"


class ConversionFailed(UnreadableDocument):
    """LibreOffice did not convert an old format, or not in time."""

    code = "conversion"
    hint = "请用原来的软件另存为 docx、xlsx 或 pptx，再试。"

"""Zip packages of Office Open XML, opened with limits and without entities."""

from __future__ import annotations

import io
import zipfile
import zlib
from xml.etree import ElementTree

from offline_ai.errors import DamagedDocument, DocumentTooLarge, EncryptedDocument

UNPACKED = 200 * 1024 * 1024
PARTS = 10_000


class _Builder(ElementTree.TreeBuilder):
    """A document type is where entity bombs live; Office never writes one."""

    def doctype(self, name: str, pubid: str, system: str) -> None:
        raise DamagedDocument("文件里含有不允许的内容（文档类型声明），没有读取。")


class Package:
    """The parts of one package; nothing is written to disk."""

    def __init__(self, data: bytes, *, unpacked: int = UNPACKED, parts: int = PARTS) -> None:
        """Raises DamagedDocument, EncryptedDocument, or DocumentTooLarge for more than `unpacked` bytes."""
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError) as problem:
            raise DamagedDocument("文件已经损坏，打不开。") from problem
        entries = self._zip.infolist()
        if len(entries) > parts or sum(entry.file_size for entry in entries) > unpacked:
            raise DocumentTooLarge("文件展开后太大，没有读取。")
        if any(entry.flag_bits & 1 for entry in entries):
            raise EncryptedDocument("文件设有密码，打不开。")

    def names(self) -> set[str]:
        return set(self._zip.namelist())

    def xml(self, name: str) -> ElementTree.Element:
        """The root of one part; raises DamagedDocument when it is missing or broken."""
        parser = ElementTree.XMLParser(target=_Builder())  # noqa: S314 (document types are refused above)
        try:
            # The size in the directory may lie; zipfile stops at it and then finds the checksum wrong.
            parser.feed(self._zip.read(name))
            root: ElementTree.Element = parser.close()
        except (
            KeyError,
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            ElementTree.ParseError,
        ) as problem:
            raise DamagedDocument("文件已经损坏，内容读不出来。") from problem
        return root

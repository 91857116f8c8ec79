"""The one way to a file: the uploader, and who may see a message that names it."""

from enum import Enum
from typing import Any, Protocol

from sqlalchemy import Connection, Row, select

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.ids import is_uuid
from server_stub.http.endpoint import Caller

from .tables import files


class FileRight(Enum):
    """What somebody wants of a file."""

    READ = "read"
    UPLOAD = "upload"


class Grants(Protocol):
    """Says who else may read a file: conversations, later drives and meetings. Each is asked in turn."""

    def may_read_file(self, connection: Connection, person_id: str, file_id: str) -> bool:
        """Whether something that the person may see names the file."""
        ...

    def named_files(self, connection: Connection, file_ids: list[str]) -> set[str]:
        """Return those of `file_ids` that something names, and that must therefore be kept."""
        ...


class RefusalLog(Protocol):
    """Learns of refusals, for the audit trail."""

    def refused(self, caller: Caller, kind: str, target: str, wanted: str) -> None:
        """`kind` is "file". Called from any thread; must not block or raise."""
        ...


class FileAccess:
    """Grants and refuses; refusals are reported."""

    def __init__(self, grants: list[Grants], refusals: RefusalLog) -> None:
        self._grants = grants
        self._refusals = refusals

    def access_file(self, connection: Connection, caller: Caller, file_id: str, right: FileRight) -> Row[Any]:
        """Return the file's row; raises ApiError not_found, to outsiders whether or not it exists."""
        row = None
        if is_uuid(file_id):
            row = connection.execute(select(files).where(files.c.id == file_id)).one_or_none()
        if row is not None and (
            row.uploader_id == caller.person_id
            or (
                right is FileRight.READ
                and row.complete
                and self.shared(connection, caller.person_id, file_id)
            )
        ):
            return row
        self._refusals.refused(caller, "file", file_id[:64], right.value)
        raise ApiError(ErrorCode.NOT_FOUND)

    def shared(self, connection: Connection, person_id: str, file_id: str) -> bool:
        """Whether something that the person may see names the file."""
        return any(grant.may_read_file(connection, person_id, file_id) for grant in self._grants)

    def named(self, connection: Connection, file_ids: list[str]) -> set[str]:
        """Return those that something names."""
        found: set[str] = set()
        for grant in self._grants:
            found |= grant.named_files(connection, file_ids)
        return found

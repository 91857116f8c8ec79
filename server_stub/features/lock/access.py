"""Who may touch which desktop's lock: its owner, and administrators through the console's endpoints."""

from typing import Any

from sqlalchemy import Connection, select

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.http.endpoint import Caller

from .ports import Refusals
from .tables import lock_devices, lock_scans


class LockAccess:
    """The one way to a desktop's row and to a scan; refusals go to the audit trail."""

    def __init__(self, refusals: Refusals) -> None:
        self._refusals = refusals

    def access_desktop(self, connection: Connection, caller: Caller, device_id: str, wanted: str) -> Any:
        """Return the caller's own desktop; NOT_FOUND for anybody else's, an administrator's rights included."""
        row = connection.execute(
            select(lock_devices).where(
                lock_devices.c.device_id == device_id, lock_devices.c.person_id == caller.person_id
            )
        ).one_or_none()
        if row is None:
            self._refusals.refused(caller, "lock_device", device_id, wanted)
            raise ApiError(ErrorCode.NOT_FOUND)
        return row

    def access_scan(self, connection: Connection, caller: Caller, scan_id: str, wanted: str) -> Any:
        """Return a scan of one of the caller's own desktops."""
        row = connection.execute(
            select(lock_scans).where(lock_scans.c.id == scan_id).with_for_update()
        ).one_or_none()
        if row is None or row.person_id != caller.person_id:
            self._refusals.refused(caller, "lock_scan", scan_id, wanted)
            raise ApiError(ErrorCode.NOT_FOUND, message="解锁请求不存在，或不是您本人的电脑发出的。")
        return row

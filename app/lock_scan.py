"""One request of a locked client to be opened by its owner's phone."""

from __future__ import annotations

import asyncio
import time

from app.session.lock_calls import TicketCalls
from app.session.states import NetworkError
from server_stub.contract.lock import UNLOCK_PURPOSE, Scan
from server_stub.contract.sm.algorithms import Algorithms
from server_stub.contract.sm.ports import SealError
from server_stub.contract.sm.sealed import open_envelope

LASTS_S = 175.0
"""A little less than the server's time, by this machine's own clock."""


class TicketAsk:
    """app.features.lock.service.PhoneAsk over the server. `private`: the request's own key, gone with this object."""

    def __init__(
        self, calls: TicketCalls, scan: Scan, algorithms: Algorithms, private: bytes, device_id: str
    ) -> None:
        self._calls = calls
        self._scan = scan
        self._algorithms = algorithms
        self._private = private
        self._device_id = device_id
        self._ends = time.monotonic() + LASTS_S
        self.url = calls.base_url + scan.path
        self.code = scan.code

    def is_over(self) -> bool:
        """See PhoneAsk."""
        return time.monotonic() > self._ends

    async def outcome(self) -> tuple[str, str]:
        """See PhoneAsk; the secret is the phone slot's wrapping key in hex."""
        state = await self._calls.outcome(self._scan.id)
        if not state.envelope:
            return state.state, ""
        try:
            wrapping = await asyncio.to_thread(
                open_envelope,
                self._algorithms,
                self._private,
                conversation_id=f"{UNLOCK_PURPOSE}/{self._device_id}",
                epoch=0,
                envelope=state.envelope,
            )
        except SealError:
            raise NetworkError("服务器的回答无法识别，请重新生成二维码。") from None
        return state.state, wrapping.hex()

    async def close(self) -> None:
        """See PhoneAsk."""
        await self._calls.close()

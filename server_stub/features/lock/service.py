"""The app lock's rules joined: what app.py builds once."""

from collections.abc import Callable, Collection, Iterable

from server_stub.bus import Bus
from server_stub.contract.sm.algorithms import Algorithms
from server_stub.storage.database import Database

from .access import LockAccess
from .desktops import Desktops
from .holds import Holds
from .log import CentralLog
from .news import LockNews, Told
from .ports import Audit, DeviceBook, Names, Online, PhoneKeys, Refusals
from .scans import Scans
from .settings import LockSettings


class LockService:
    """`desktops`, `scans`, `holds`, `log`, `settings`, `news`; start, then close."""

    def __init__(
        self,
        *,
        database: Database,
        bus: Bus,
        devices: DeviceBook,
        online: Online,
        tell: Callable[[bytes, Collection[str]], None],
        everybody: Callable[[], Iterable[Told]],
        keys: PhoneKeys,
        algorithms: Algorithms,
        names: Names,
        audit: Audit,
        refusals: Refusals,
    ) -> None:
        access = LockAccess(refusals)
        self.database = database
        self.devices = devices
        self.news = LockNews(bus, tell, everybody)
        self.settings = LockSettings(database)
        self.desktops = Desktops(
            database=database,
            access=access,
            news=self.news,
            sessions=devices,
            online=online,
            keys=keys,
            verify=algorithms.sm2_verify,
            audit=audit,
        )
        self.scans = Scans(
            database=database,
            access=access,
            news=self.news,
            keys=keys,
            digest=algorithms.sm3,
            audit=audit,
            device_names=devices.names_of_person,
        )
        self.holds = Holds(
            database=database,
            news=self.news,
            names=names,
            device_names=devices.names,
            audit=audit,
        )
        self.log = CentralLog(
            database=database,
            digest=algorithms.sm3,
            names=names,
            device_names=devices.names,
            audit=audit,
            tampered=self.holds.tampered,
        )

    def start(self) -> None:
        """Begin to hear of changes."""
        self.news.start()

    async def close(self) -> None:
        """End the phones' event streams."""
        await self.news.close()

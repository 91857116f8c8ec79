"""Starts, finds and watches the bundled server of a data folder."""

from pathlib import Path


class EmbeddedServer:
    """The bundled server of `folder`: started if none runs, shared if one does, restarted when it dies.

    A lease file named by our process id keeps it alive; the server ends itself when no live lease is left.
    """

    def __init__(self, folder: Path) -> None:
        """`folder` is `Home.server`."""
        raise NotImplementedError

    async def start(self) -> str:
        """Return the base URL once `/health` answers. Raises ServerDidNotStart with the end of its log."""
        raise NotImplementedError

    @property
    def url(self) -> str:
        """Base URL, such as http://127.0.0.1:43210."""
        raise NotImplementedError

    async def stop(self) -> None:
        """Give up the lease; the last one to do so ends the server."""
        raise NotImplementedError

    async def __aenter__(self) -> "EmbeddedServer":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

"""What a feature gives to have pages for phone browsers."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Page:
    """One page. `path` below /m, "" for the first one; it may have parameters as Starlette's ("/checkin/{code}").

    `module`: file name of its JavaScript module in the room, which fills <main id="page">. `styles`: file names of
    style sheets in the room, on top of the shared one. `signed_in`: a visitor without a session is sent to sign in
    first and comes back afterwards. `camera`: the page may ask for the camera.
    """

    path: str
    title: str
    module: str
    styles: tuple[str, ...] = ()
    signed_in: bool = True
    camera: bool = False


@dataclass(frozen=True)
class Room:
    """A feature's pages and the folder of what they load. Modules import each other and "../shared/…" relatively.

    Only files directly in `folder` whose suffix is known are served; `name` is part of their address.
    """

    name: str
    folder: Path
    pages: tuple[Page, ...]

"""SM2 key exchange with confirmation (GM/T 0003.3)."""

from dataclasses import dataclass, field

from . import curve
from .identity import derive, user_digest
from .ports import DEFAULT_ID, HashBackend, Sm2Backend, Sm2KeyPair

_LOW = (1 << 127) - 1


@dataclass(frozen=True, slots=True)
class Agreed:
    """The shared key; what to send to the peer; what the peer must send (compare in constant time)."""

    key: bytes = field(repr=False)
    confirmation: bytes
    expected: bytes


def exchange(
    sm2: Sm2Backend,
    sm3: HashBackend,
    *,
    initiator: bool,
    own: Sm2KeyPair,
    own_ephemeral: Sm2KeyPair,
    peer: bytes,
    peer_ephemeral: bytes,
    size: int,
    own_id: bytes = DEFAULT_ID,
    peer_id: bytes = DEFAULT_ID,
) -> Agreed:
    """Agree on a key of `size` bytes. Raises ValueError when the peer's points are not of the curve."""
    x_own, _ = curve.point(own_ephemeral.public)
    x_peer, _ = curve.point(peer_ephemeral)
    curve.point(peer)
    t = (
        curve.scalar(own.private) + ((x_own & _LOW) | (_LOW + 1)) * curve.scalar(own_ephemeral.private)
    ) % curve.N
    u = sm2.combine(t, peer, t * ((x_peer & _LOW) | (_LOW + 1)) % curve.N, peer_ephemeral)
    mine, theirs = user_digest(sm3, own.public, own_id), user_digest(sm3, peer, peer_id)
    if initiator:
        identities, points = mine + theirs, own_ephemeral.public[1:] + peer_ephemeral[1:]
    else:
        identities, points = theirs + mine, peer_ephemeral[1:] + own_ephemeral.public[1:]
    inner = sm3.digest(u[1:33] + identities + points)
    of_responder, of_initiator = (sm3.digest(tag + u[33:] + inner) for tag in (b"\x02", b"\x03"))
    key = derive(sm3, u[1:] + identities, size)
    if initiator:
        return Agreed(key, of_initiator, of_responder)
    return Agreed(key, of_responder, of_initiator)

"""Speech as bytes: 16 kHz, one channel, 8-bit µ-law (G.711) in a WAV file: 16 kB a second, played everywhere (E092)."""

from __future__ import annotations

import struct
from array import array
from functools import cache

from server_stub.contract.content_kinds import MAX_WAVEFORM

RATE = 16_000
MEDIA_TYPE = "audio/wav"
_BIAS = 0x84
_CLIP = 32_635


@cache
def _table() -> bytes:
    """µ-law of every 16-bit sample, by the sample as an unsigned number."""

    def encode(sample: int) -> int:
        sign = 0x80 if sample < 0 else 0
        size = min(_CLIP, abs(sample)) + _BIAS
        exponent = size.bit_length() - 8
        mantissa = (size >> (exponent + 3)) & 0x0F
        return ~(sign | exponent << 4 | mantissa) & 0xFF

    return bytes(encode(value - 65_536 if value >= 32_768 else value) for value in range(65_536))


def wav_of(pcm: bytes) -> bytes:
    """A WAV file of 16-bit samples (this machine's byte order) at 16 kHz."""
    samples = array("H")
    samples.frombytes(pcm[: len(pcm) // 2 * 2])
    table = _table()
    data = bytes([table[sample] for sample in samples])
    padded = data + b"\x00" * (len(data) % 2)
    form = struct.pack("<HHIIHHH", 7, 1, RATE, RATE, 1, 8, 0)
    fact = struct.pack("<I", len(data))
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"fact" + struct.pack("<I", 4) + fact
    body += b"data" + struct.pack("<I", len(data)) + padded
    return b"RIFF" + struct.pack("<I", len(body)) + body


def duration_of(pcm: bytes) -> int:
    """Milliseconds of 16-bit samples."""
    return len(pcm) // 2 * 1000 // RATE


def level_of(pcm: bytes) -> float:
    """Loudness of a piece, 0 to 1: the root of its mean square, raised so that speech fills the strip."""
    samples = array("h")
    samples.frombytes(pcm[: len(pcm) // 2 * 2])
    if not samples:
        return 0.0
    thinned = samples[:: max(1, len(samples) // 200)]
    mean = sum(sample * sample for sample in thinned) / len(thinned)
    return min(1.0, (mean**0.5 / 32_768) ** 0.5 * 1.6)


def waveform_of(pcm: bytes, count: int = MAX_WAVEFORM) -> bytes:
    """Levels of a whole recording, 0 to 255, the loudest at 255."""
    samples = len(pcm) // 2
    if not samples:
        return b""
    step = max(1, samples // count)
    levels = [level_of(pcm[place * 2 : (place + step) * 2]) for place in range(0, samples - step + 1, step)][
        :count
    ]
    loudest = max(levels, default=0.0) or 1.0
    return bytes(round(level / loudest * 255) for level in levels)

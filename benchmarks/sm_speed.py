"""SM2, SM3, SM4 beside libgcrypt called bare, `openssl speed`, and the figures that the tender asks of its machines.

One core each for the ratios, in processor time as `openssl speed` counts it, measured in turns (ours, peer, ours, peer …)
and the best of each taken; batches on all cores for the distance to the tender's figures (3.3.4).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from server_stub.contract.sm.algorithms import Algorithms
from server_stub.contract.sm.batch import Batch

ROUNDS = 4
SECONDS = 0.7
PIECE = 1024 * 1024
PEER = Path(__file__).resolve().parents[1] / "tests" / "data" / "sm" / "gcrypt_speed.c"
TENDER = {
    "key pairs/s": 52_000,
    "signatures/s": 41_000,
    "verifications/s": 35_000,
    "SM3 Mbps": 3_100,
    "SM4 Mbps": 4_000,
}


def rate(work: Callable[[], object], seconds: float = SECONDS) -> float:
    """Calls a second of processor time, which is what `openssl speed` counts: neighbours do not slow it."""
    began, calls = time.process_time(), 0
    while True:
        work()
        calls += 1
        took = time.process_time() - began
        if took >= seconds:
            return calls / took


def openssl(*arguments: str) -> list[float]:
    """The figures of one `openssl speed` line: bytes or operations a second. Empty without the program."""
    if shutil.which("openssl") is None:
        return []
    command = ["openssl", "speed", "-mr", "-seconds", "1", *arguments]
    text = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    line = next((line for line in text.splitlines() if line.startswith("+F")), "")
    found = []
    for part in line.split(":")[2:]:
        try:
            found.append(float(part))
        except ValueError:
            continue
    return found


def bare_gcrypt(folder: Path) -> Callable[[str], float]:
    """Builds the C peer; the returned function gives bytes a second of "sm4" or "sm3", 0 without a compiler."""
    program = folder / "gcrypt_speed"
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return lambda _what: 0.0
    built = subprocess.run(
        [compiler, "-O2", "-o", program, PEER, "-lgcrypt"], capture_output=True, check=False
    )
    if built.returncode:
        return lambda _what: 0.0

    def measure(what: str) -> float:
        return float(subprocess.run([program, what, str(SECONDS)], capture_output=True, check=True).stdout)

    return measure


def single(alg: Algorithms, gcrypt: Callable[[str], float]) -> tuple[dict[str, float], dict[str, float]]:
    """Ours and the peers', one core, in turns."""
    data = bytes(range(256)) * (PIECE // 256)
    key, nonce, aad = b"k" * 16, b"n" * 12, b"a" * 80
    pair = alg.sm2_generate()
    digest = alg.sm3(b"digest")
    signature = alg.sm2_sign_digest(pair.private, digest)
    ours: dict[str, list[float]] = {}
    peers: dict[str, list[float]] = {}

    def note(into: dict[str, list[float]], name: str, value: float) -> None:
        if value:
            into.setdefault(name, []).append(value)

    for _ in range(ROUNDS):
        note(ours, "SM4-GCM MB/s", rate(lambda: alg.sm4_gcm_seal(key, nonce, data, aad)) * PIECE / 1e6)
        note(peers, "SM4-GCM libgcrypt bare MB/s", gcrypt("sm4") / 1e6)
        note(ours, "SM3 MB/s", rate(lambda: alg.sm3(data)) * PIECE / 1e6)
        note(peers, "SM3 libgcrypt bare MB/s", gcrypt("sm3") / 1e6)
        note(ours, "SM2 signatures/s", rate(lambda: alg.sm2_sign_digest(pair.private, digest)))
        note(ours, "SM2 verifications/s", rate(lambda: alg.sm2_verify_digest(pair.public, digest, signature)))
        signs = openssl("sm2")
        if len(signs) >= 3:
            note(peers, "SM2 openssl signatures/s", signs[-2])
            note(peers, "SM2 openssl verifications/s", signs[-1])
        for mode in ("sm4-cbc", "sm4-ctr"):
            found = openssl("-bytes", str(PIECE), "-evp", mode)
            note(peers, f"{mode.upper()} openssl MB/s", found[-1] / 1e6 if found else 0.0)
        found = openssl("-bytes", str(PIECE), "-evp", "sm3")
        note(peers, "SM3 openssl MB/s", found[-1] / 1e6 if found else 0.0)
    return {name: max(values) for name, values in ours.items()}, {
        name: max(values) for name, values in peers.items()
    }


def batches(alg: Algorithms) -> dict[str, float]:
    """Operations a second, and Mbit/s, with every core at work."""
    found: dict[str, float] = {}
    count = 4000
    data = [bytes(range(256)) * (PIECE // 256)] * 64
    pair = alg.sm2_generate()
    messages = [number.to_bytes(4, "big") for number in range(count)]

    def timed(work: Callable[[], Any]) -> tuple[float, Any]:
        best, result = 0.0, None
        for _ in range(2):
            began = time.perf_counter()
            result = work()
            best = max(best, 1 / (time.perf_counter() - began))
        return best, result

    with Batch(alg) as batch:
        speed, _ = timed(lambda: batch.generate(count))
        found["key pairs/s"] = speed * count
        speed, signatures = timed(lambda: batch.sign(pair.private, messages))
        found["signatures/s"] = speed * count
        claims = [(pair.public, text, one) for text, one in zip(messages, signatures, strict=True)]
        speed, good = timed(lambda: batch.verify(claims))
        assert all(good)
        found["verifications/s"] = speed * count
        bits = len(data) * PIECE * 8 / 1e6
        speed, _ = timed(lambda: batch.digest(data))
        found["SM3 Mbps"] = speed * bits
        parts = [(number.to_bytes(12, "big"), one, b"") for number, one in enumerate(data)]
        speed, _ = timed(lambda: batch.seal(b"k" * 16, parts))
        found["SM4 Mbps"] = speed * bits
    return found


def run() -> dict[str, Any]:
    """One table: ratios to the peers with their bars, and the part of each of the tender's figures that two cores give."""
    alg = Algorithms.best()
    with tempfile.TemporaryDirectory(prefix="zd-sm-") as folder:
        ours, peers = single(alg, bare_gcrypt(Path(folder)))
    every = batches(alg)
    figures: dict[str, Any] = {name: round(value, 1) for name, value in ours.items()}
    bar: dict[str, Any] = {}

    def ratio(name: str, mine: str, theirs: list[str], least: float) -> None:
        best = max((peers[one] for one in theirs if one in peers), default=0.0)
        if best:
            figures[name] = round(ours[mine] / best, 3)
            bar[name] = {"min": least}

    ratio("SM4-GCM ÷ libgcrypt bare", "SM4-GCM MB/s", ["SM4-GCM libgcrypt bare MB/s"], 0.9)
    if hasattr(alg.cipher, "name") and alg.cipher.name.startswith("libgcrypt"):
        # What `openssl speed` measures when asked for sm4 is CBC; CTR, its fastest mode, is told beside it.
        ratio("SM4-GCM ÷ openssl speed sm4", "SM4-GCM MB/s", ["SM4-CBC openssl MB/s"], 4.0)
        best_ctr = peers.get("SM4-CTR openssl MB/s")
        if best_ctr:
            figures["SM4-GCM ÷ openssl sm4-ctr"] = round(ours["SM4-GCM MB/s"] / best_ctr, 3)
    ratio("SM2 sign ÷ openssl speed sm2", "SM2 signatures/s", ["SM2 openssl signatures/s"], 0.9)
    ratio("SM2 verify ÷ openssl speed sm2", "SM2 verifications/s", ["SM2 openssl verifications/s"], 0.9)
    ratio("SM3 ÷ best here", "SM3 MB/s", ["SM3 libgcrypt bare MB/s", "SM3 openssl MB/s"], 0.9)
    for name, wanted in TENDER.items():
        figures[f"{os.cpu_count()} cores: {name}"] = round(every[name])
        figures[f"{os.cpu_count()} cores: {name}, part of the tender's"] = round(every[name] / wanted, 3)
    return {
        "name": "sm_speed",
        "unit": "",
        "better": "higher",
        "figures": figures,
        "bar": bar,
        "peer": {
            **{name: round(value, 1) for name, value in peers.items()},
            **{f"tender: {name}": value for name, value in TENDER.items()},
        },
        "note": f"SM4 {alg.cipher.name}, SM3 {alg.hash.name}, SM2 {alg.sm2.name}; the tender asks its figures of a machine, these are software",
    }


if __name__ == "__main__":
    print(json.dumps(run(), ensure_ascii=False, indent=1))

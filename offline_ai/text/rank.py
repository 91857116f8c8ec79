"""Importance by mutual support (PageRank over a weighted graph), in plain Python: graphs here are small."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

DAMPING = 0.85
ROUNDS = 30
ENOUGH = 1e-4


def ranked(links: Sequence[Mapping[int, float]]) -> list[float]:
    """Scores of nodes 0…n-1; `links[i][j]` is the weight of the tie between i and j (both ways)."""
    count = len(links)
    if not count:
        return []
    scores = [1.0] * count
    totals = [sum(out.values()) for out in links]
    for _ in range(ROUNDS):
        fresh = [1 - DAMPING] * count
        for node, out in enumerate(links):
            if totals[node] <= 0:
                continue
            share = DAMPING * scores[node] / totals[node]
            for other, weight in out.items():
                fresh[other] += share * weight
        moved = max(abs(new - old) for new, old in zip(fresh, scores, strict=True))
        scores = fresh
        if moved < ENOUGH:
            break
    return scores

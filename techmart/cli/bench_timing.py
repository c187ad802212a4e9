"""Timing query classes of one engine in one process, and putting passes together."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from techmart.cli.bench_engines import Ask

#: No class of one engine takes longer than this; a slow engine answers fewer queries.
_SECONDS_A_CLASS: Final = 8.0
_ROUNDS: Final = 4


@dataclass(frozen=True)
class Pass:
    """Seconds to open and answer one query, megabytes of the process, and milliseconds by class: cold and warm."""

    open_s: float
    rss_mb: float
    seconds: float
    classes: dict[str, tuple[list[float], list[float]]]


def time_classes(open_engine: Callable[[], Ask], queries: dict[str, list[list[str]]]) -> Pass:
    """Open an engine and ask it everything: each query once (cold), then several rounds (warm)."""
    started = time.perf_counter()
    ask = open_engine()
    ask("1 rare", queries["1 rare"][0])
    opened = time.perf_counter() - started
    classes = {title: _time_class(ask, title, rows) for title, rows in queries.items()}
    return Pass(opened, resident_mb(), time.perf_counter() - started, classes)


def _time_class(ask: Ask, title: str, rows: list[list[str]]) -> tuple[list[float], list[float]]:
    cold: list[float] = []
    warm: list[float] = []
    started = time.perf_counter()
    for turn in range(1 + _ROUNDS):
        for words in rows:
            is_late = time.perf_counter() - started > _SECONDS_A_CLASS
            if is_late and warm:
                break
            before = time.perf_counter()
            ask(title, words)
            (warm if turn else cold).append((time.perf_counter() - before) * 1000)
            if not turn and len(cold) > 2 and is_late:
                warm += cold  # too slow for a second turn: what it has is what is shown
                break
    return cold, warm


def summary(samples: Sequence[float]) -> dict[str, float]:
    """Median and 95th percentile of milliseconds."""
    ordered = sorted(samples)
    return {
        "p50_ms": round(statistics.median(ordered), 4),
        "p95_ms": round(ordered[min(int(len(ordered) * 0.95), len(ordered) - 1)], 4),
        "queries": len(ordered),
    }


def merged(passes: Sequence[Pass]) -> dict[str, Any]:
    """The figures of an engine over its passes."""
    classes = {}
    for title in passes[0].classes:
        cold = summary([ms for one in passes for ms in one.classes[title][0]])
        warm = summary([ms for one in passes for ms in one.classes[title][1]])
        classes[title] = {**warm, "cold_p50_ms": cold["p50_ms"], "cold_p95_ms": cold["p95_ms"]}
    return {
        "open_s": round(statistics.median(one.open_s for one in passes), 3),
        "rss_mb": round(max(one.rss_mb for one in passes), 1),
        "classes": classes,
    }


def resident_mb() -> float:
    """What this process holds in memory, files it has mapped and touched included; 0 where that cannot be told."""
    path = Path("/proc/self/statm")
    return int(path.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6 if path.exists() else 0.0

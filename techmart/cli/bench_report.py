"""The table of `flask bench search`."""

from __future__ import annotations

from typing import Any, Final

_FIRST: Final = 24
_WIDTH: Final = 24
_FACTS: Final = (
    ("index, s", "index_s"),
    ("on disk, MB", "disk_mb"),
    ("on disk / text", "disk_of_text"),
    ("open, s", "open_s"),
    ("memory, MB", "rss_mb"),
)
_ALONE: Final = (("suggest a keystroke", "suggest"), ("page, facets and marks", "page"))


def table(report: dict[str, Any]) -> str:
    """The report as text."""
    engines = report["engines"]
    titles = list(next(iter(engines.values()))["classes"])
    lines = [
        f"\n{report['docs']} documents, {report['text_bytes'] / 1e6:.0f} MB of text; "
        "milliseconds warm, median (95th percentile)\n",
        _line("class", engines),
    ]
    lines += [
        _line(title, [_cell(row["classes"][title], "p50_ms", "p95_ms") for row in engines.values()]) for title in titles
    ]
    lines += [_line(label, [row[key] for row in engines.values()]) for label, key in _FACTS]
    lines += ["\nthe same, first time in a process", _line("class", engines)]
    lines += [
        _line(title, [_cell(row["classes"][title], "cold_p50_ms", "cold_p95_ms") for row in engines.values()])
        for title in titles
    ]
    ours = engines.get("techmart")
    if ours and len(engines) > 1:
        others = [row for name, row in engines.items() if name != "techmart"]
        lines += [
            "\nthe other engine divided by ours, median (95th percentile)",
            _line("class", [name for name in engines if name != "techmart"]),
        ]
        lines += [
            _line(title, [_ratio(row["classes"][title], ours["classes"][title]) for row in others]) for title in titles
        ]
    if ours and "product" in ours:
        lines += ["\nours alone, every text for the first time"]
        lines += [_line(label, [_cell(ours["product"][key], "p50_ms", "p95_ms")]) for label, key in _ALONE]
    return "\n".join(lines)


def _line(first: str, cells: Any) -> str:  # Any: anything that prints
    return first.ljust(_FIRST) + "".join(str(cell).rjust(_WIDTH) for cell in cells)


def _cell(row: dict[str, float], middle: str, high: str) -> str:
    return f"{row[middle]:.3f} ({row[high]:.3f})"


def _ratio(other: dict[str, float], ours: dict[str, float]) -> str:
    middle, high = (other[key] / max(ours[key], 1e-6) for key in ("p50_ms", "p95_ms"))
    return f"{middle:.2f}× ({high:.2f}×)"

"""The address of a search as a Query and back: one place knows the parameter names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from techmart.rules.clock import local_today
from techmart.rules.money import NotMoney, parse_money
from techmart.rules.text import clean
from techmart.rules.vocabulary import code_list, ipc_symbols, provinces, sectors, trl_levels
from techmart.search.query import FACETS, SORTS, Query
from techmart.search.understanding import MAX_CHARS

PAGE_SIZE: Final = 10
LAST_PAGE: Final = 500
_KINDS_OF_UNDERSTANDING: Final = ("identifier", "phrase", "excluded", "trl", "price", "place", "sector", "translation")
_MAX_CODES: Final = 40
_BOUNDS: Final = ("price_from", "price_to", "trl_from", "trl_to", "since")
SINCE_DAYS: Final = (30, 90, 365)
#: Facets whose parameter has another name: `lang` is the language of the page.
_PARAMETERS: Final[Mapping[str, str]] = {"lang": "language"}


@dataclass(frozen=True)
class SearchArgs:
    """A search as its address says it. `price_from`, `price_to`: as typed; `since`: published within so many days."""

    text: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    price_from: str = ""
    price_to: str = ""
    trl_from: int | None = None
    trl_to: int | None = None
    since: int | None = None
    off: tuple[str, ...] = ()
    sort: str = "fit"
    page: int = 1

    @classmethod
    def read(cls, args: MultiDict[str, str]) -> SearchArgs:
        """Read an address. Unknown names, codes and numbers are left out; nothing is refused."""
        filters = {}
        for name in FACETS:
            codes = tuple(
                code for code in dict.fromkeys(args.getlist(parameter_of(name))[:_MAX_CODES]) if is_code(name, code)
            )
            if codes:
                filters[name] = codes
        price_from, price_to = (clean(args.get(name, ""), keep_lines=False)[:30] for name in ("price_from", "price_to"))
        return cls(
            text=clean(args.get("q", ""), keep_lines=False)[:MAX_CHARS],
            filters=filters,
            price_from=price_from,
            price_to=price_to,
            trl_from=_number(args.get("trl_from", ""), trl_levels()),
            trl_to=_number(args.get("trl_to", ""), trl_levels()),
            since=_number(args.get("since", ""), SINCE_DAYS),
            off=tuple(kind for kind in dict.fromkeys(args.getlist("off")) if kind in _KINDS_OF_UNDERSTANDING),
            sort=args.get("sort", "") if args.get("sort", "") in SORTS else "fit",
            page=_page(args.get("page", "")),
        )

    @classmethod
    def of_pairs(cls, pairs: Iterable[Sequence[str]]) -> SearchArgs:
        """Read what `pairs` gave and a row of the database kept."""
        return cls.read(MultiDict([(pair[0], pair[1]) for pair in pairs]))

    def query(self, *, limit: int = PAGE_SIZE, published_after: int | None = None) -> Query:
        """What the engine is asked for this page; `published_after`: only what is newer, in seconds of the epoch."""
        if self.since is not None:
            # From the beginning of a day, so that a search is the same all day long.
            first = datetime.combine(local_today() - timedelta(days=self.since), time(), UTC)
            published_after = max(published_after or 0, int(first.timestamp()) - 1)
        return Query(
            text=self.text,
            filters=self.filters,
            price_low=None if self.price_problem else self.price_low,
            price_high=None if self.price_problem else self.price_high,
            trl_low=self.trl_from,
            trl_high=self.trl_to,
            published_after=published_after,
            off=self.off,
            sort=self.sort,
            offset=(self.page - 1) * limit,
            limit=limit,
        )

    def pairs(self, **changes: object) -> list[tuple[str, str]]:
        """The parameters of this search with some changed; the page starts anew unless it is named."""
        filters = changes.get("filters", self.filters)
        assert isinstance(filters, Mapping)
        off = changes.get("off", self.off)
        assert isinstance(off, tuple)
        pairs = [("q", str(changes.get("text", self.text)))]
        pairs += [(parameter_of(name), code) for name in FACETS for code in filters.get(name, ())]
        pairs += [(name, str(changes.get(name, getattr(self, name)) or "")) for name in _BOUNDS]
        pairs += [("off", kind) for kind in off]
        sort = str(changes.get("sort", self.sort))
        pairs += [("sort", "" if sort == "fit" else sort), ("page", str(changes.get("page", "") or ""))]
        return [(name, value) for name, value in pairs if value and not (name == "page" and value == "1")]

    def url(self, path: str, **changes: object) -> str:
        """`path` with the parameters of `pairs`."""
        pairs = self.pairs(**changes)
        return f"{path}?{urlencode(pairs)}" if pairs else path

    def without(self, facet: str, code: str | None = None) -> dict[str, object]:
        """The change that takes one choice (or all) of a facet back, for `url`."""
        kept = {name: codes for name, codes in self.filters.items() if name != facet}
        rest = tuple(other for other in self.filters.get(facet, ()) if code is not None and other != code)
        return {"filters": {**kept, facet: rest} if rest else kept}

    @property
    def bounds(self) -> tuple[str, ...]:
        """The names of the bounds that are set."""
        return tuple(name for name in _BOUNDS if getattr(self, name))

    @property
    def is_filtered(self) -> bool:
        return bool(self.filters or self.bounds)

    @property
    def price_low(self) -> int | None:
        """In đồng."""
        return self._prices[0]

    @property
    def price_high(self) -> int | None:
        """In đồng."""
        return self._prices[1]

    @property
    def price_problem(self) -> bool:
        """Whether what was typed as a price could not be read."""
        return self._prices[2]

    @cached_property
    def _prices(self) -> tuple[int | None, int | None, bool]:
        (low, low_ok), (high, high_ok) = _amount(self.price_from), _amount(self.price_to)
        return low, high, not (low_ok and high_ok) or (low is not None and high is not None and low > high)


#: The change that takes every filter back, for `SearchArgs.url` and `replace`.
UNFILTERED: Final[Mapping[str, Any]] = {
    "filters": {}, "price_from": "", "price_to": "", "trl_from": None, "trl_to": None, "since": None,
}  # fmt: skip  # Any: fields of SearchArgs


def parameter_of(facet: str) -> str:
    """What a facet is called in addresses and forms."""
    return _PARAMETERS.get(facet, facet)


def is_code(facet: str, code: str) -> bool:
    """Whether a facet can have this value."""
    if facet == "sector":
        return code in sectors()
    if facet == "province":
        return code in provinces()
    if facet == "trl":
        return code in [str(level) for level in trl_levels()]
    if facet == "ipc_section":
        return len(code) == 1 and code in ipc_symbols()
    if facet == "ipc_class":
        return len(code) == 3 and code in ipc_symbols()
    if facet in ("verified", "has_attachment"):
        return code == "yes"
    if facet == "ip_status":
        return code in code_list("offer_ip_status") or code in code_list("patent_ip_status")
    return code in code_list({"kind": "listing_kind"}.get(facet, facet))


def _amount(text: str) -> tuple[int | None, bool]:
    """(đồng, whether the text was readable). A bare number below a million means millions, as the field says."""
    if not text:
        return None, True
    try:
        amount = parse_money(text)
    except NotMoney:
        return None, False
    return (
        amount * 1_000_000 if amount < 1_000_000 and text.replace(".", "").replace(",", "").isdigit() else amount
    ), True


def _number(text: str, allowed: Collection[int]) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 and int(text) in allowed else None


def _page(text: str) -> int:
    return min(max(int(text), 1), LAST_PAGE) if text.isascii() and text.isdigit() and len(text) < 6 else 1

"""What a thing says of itself, as matching reads it: texts by field, and facts. Made from a row, or from plain texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from techmart.models.listing import Demand, Listing, Offer, Patent
from techmart.models.organisation import Organisation
from techmart.rules.identifiers import ipc_ancestors
from techmart.rules.vocabulary import provinces
from techmart.search.understanding import understand

TEXT_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "demand": (
        "title",
        "summary",
        "problem",
        "material",
        "method",
        "efficacy_target",
        "product",
        "application",
        "constraints",
    ),
    "offer": ("title", "summary", "problem", "how_it_works", "advantage", "partner_sought"),
    "patent": ("title", "summary", "abstract", "claims"),
    "organisation": ("name_vi", "name_en", "capability"),
}
#: What an organisation says elsewhere than in its own description, in reading order.
SOURCES: Final = ("own_demands", "own_offers", "saved_searches")
_ENGLISH_SUPPLEMENT: Final = ("title_en", "summary_en")


_NOTHING: Final[Mapping[str, Sequence[str]]] = {}


@dataclass(frozen=True)
class Facts:
    """Typed facts; None or empty where nothing is said. Money in đồng, TRL 1–9.

    `trl` is what a technology has, `trl_min` what a demand wants; `price_low`/`price_high` a price or a budget.
    """

    sectors: frozenset[str] = frozenset()
    ipc: frozenset[str] = frozenset()
    trl: int | None = None
    trl_min: int | None = None
    price_low: int | None = None
    price_high: int | None = None
    province: str | None = None
    transfer_right: str | None = None
    transfer_forms: frozenset[str] = frozenset()
    deadline: date | None = None


@dataclass(frozen=True)
class Profile:
    """kind: demand | offer | patent | organisation | text. `texts`: field → stored text, in reading order."""

    kind: str
    key: str
    lang: str
    texts: Mapping[str, str]
    facts: Facts = field(default_factory=Facts)
    excluded: str = ""


def profile_of(thing: Listing | Organisation, said: Mapping[str, Sequence[str]] = _NOTHING) -> Profile:
    """The profile of a row. What a demand excludes is kept apart: it must not attract.

    `said`: field of SOURCES → texts, and `ipc` → symbols: what an organisation says elsewhere (operations.organisation_sources);
    only for its own eyes, so never where it is the counterpart.
    """
    if isinstance(thing, Organisation):
        texts = _texts(thing, "organisation") | _said_texts(said)
        return Profile("organisation", thing.key, "vi", texts, _organisation_facts(thing, said.get("ipc", ())))
    texts = _texts(thing, thing.kind)
    if thing.lang != "en":
        texts |= {name: text for name in _ENGLISH_SUPPLEMENT if (text := getattr(thing, name))}
    if thing.keywords:
        texts["keywords"] = "; ".join(thing.keywords)
    excluded = thing.excluded_methods if isinstance(thing, Demand) else ""
    return Profile(thing.kind, thing.key, thing.lang, texts, _facts(thing), excluded)


def text_profile(title: str, body: str, lang: str) -> Profile:
    """A profile of plain texts, for evaluation and for a demand being written."""
    return Profile("text", "", lang, {name: text for name, text in (("title", title), ("problem", body)) if text})


def _texts(thing: object, kind: str) -> dict[str, str]:
    return {name: text for name in TEXT_FIELDS[kind] if (text := getattr(thing, name))}


def _said_texts(said: Mapping[str, Sequence[str]]) -> dict[str, str]:
    texts = {name: said.get(name, ()) for name in SOURCES}
    texts["saved_searches"] = [words for typed in texts["saved_searches"] if (words := _searched_words(typed))]
    return {name: "\n".join(rows) for name, rows in texts.items() if rows}


def _searched_words(typed: str) -> str:
    """What a search is about: neither what it excludes nor its prices, levels, places and numbers."""
    understood = understand(typed)
    if understood.of("identifier"):
        return ""
    phrases = [piece.values[0] for piece in understood.of("phrase")]
    return " ".join([understood.words, *phrases]).strip()


def _levels(symbols: Sequence[str]) -> frozenset[str]:
    """Every level of the symbols, so that agreement can be told at section, class, subclass and group."""
    return frozenset(level for symbol in symbols for level in ipc_ancestors(symbol))


def _facts(listing: Listing) -> Facts:
    ipc = _levels(listing.ipc)
    sectors = frozenset(listing.sectors)
    if isinstance(listing, Demand):
        return Facts(
            sectors=sectors,
            ipc=ipc,
            province=listing.province_code,
            trl_min=listing.trl_min,
            price_low=listing.budget_min_vnd,
            price_high=listing.budget_max_vnd,
            transfer_right=listing.wanted_right,
            transfer_forms=frozenset(listing.wanted_forms),
            deadline=listing.deadline_on,
        )
    assert isinstance(listing, Offer | Patent)
    return Facts(
        sectors=sectors,
        ipc=ipc,
        province=listing.province_code,
        trl=listing.trl,
        price_low=listing.price_min_vnd,
        price_high=listing.price_max_vnd if listing.price_max_vnd is not None else listing.price_min_vnd,
        transfer_right=listing.transfer_right,
        transfer_forms=frozenset(listing.transfer_forms),
    )


def _organisation_facts(organisation: Organisation, ipc: Sequence[str]) -> Facts:
    province = organisation.province_code if organisation.province_code in provinces() else None
    return Facts(sectors=frozenset(organisation.sectors), ipc=_levels(ipc), province=province)

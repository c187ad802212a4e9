"""Reference data as typed, cached tables: provinces, sectors, TRL, code lists, IPC titles. Files name source and date."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from techmart.rules.identifiers import ipc_ancestors
from techmart.rules.text import fold, sort_key, unify_tones

__all__ = ["Place", "Sector", "Term", "TrlLevel", "code_list", "demand_examples", "find_place", "find_sector", "ipc_ancestors", "ipc_title", "label",
           "organisation_kinds", "provinces", "sectors", "trl_levels"]  # fmt: skip

_DIRECTORY = Path(__file__).resolve().parent.parent / "data/reference"


@dataclass(frozen=True)
class Term:
    """A code with its names; `help_*` may be empty."""

    code: str
    vi: str
    en: str
    help_vi: str = ""
    help_en: str = ""

    def name(self, locale: str) -> str:
        return self.en if locale == "en" and self.en else self.vi


@dataclass(frozen=True)
class Place(Term):
    """A province of today; `former` names lie within it now, `aliases` are other names of itself."""

    kind: str = "province"
    former: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sector(Term):
    """A priority sector; `list_name` is A or B."""

    list_name: str = "B"
    icon: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class TrlLevel(Term):
    """A readiness level; from 4 up, evidence is asked for (`help_*`)."""

    group: str = ""


@dataclass(frozen=True)
class FoundPlace:
    """A place name as understood: the province of today, and the former name when it was one."""

    place: Place
    former_name: str = ""


def _rows(name: str) -> Iterator[list[str]]:
    path = _DIRECTORY / name
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield [cell.strip() for cell in line.split("\t")] + [""] * 8


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";") if part.strip())


@lru_cache(maxsize=1)
def provinces() -> Mapping[str, Place]:
    """Code → province, in Vietnamese alphabetical order."""
    places = [
        Place(row[0], row[1], row[2], kind=row[3], former=_parts(row[5]), aliases=_parts(row[6]))
        for row in _rows("provinces.tsv")
    ]
    return {place.code: place for place in sorted(places, key=lambda place: sort_key(place.vi))}


@lru_cache(maxsize=1)
def sectors() -> Mapping[str, Sector]:
    """Code → sector, list B first, each list in the programme's order."""
    found = [
        Sector(row[0], row[2], row[3], list_name=row[1], icon=row[4], aliases=_parts(row[5]))
        for row in _rows("sectors.tsv")
    ]
    return {sector.code: sector for sector in sorted(found, key=lambda sector: sector.list_name != "B")}


@lru_cache(maxsize=1)
def trl_levels() -> Mapping[int, TrlLevel]:
    """1…9 → level."""
    return {int(row[0]): TrlLevel(row[0], row[1], row[2], row[4], row[5], group=row[3]) for row in _rows("trl.tsv")}


@lru_cache(maxsize=64)
def code_list(name: str) -> Mapping[str, Term]:
    """A list of code_lists.tsv (`transfer_right`, `transfer_form`, `object`, …); raises KeyError for an unknown name."""
    found = {row[1]: Term(row[1], row[2], row[3], row[4], row[5]) for row in _rows("code_lists.tsv") if row[0] == name}
    if not found:
        raise KeyError(name)
    return found


@lru_cache(maxsize=1)
def _demand_examples() -> Mapping[tuple[str, str], Term]:
    return {(row[0], row[1]): Term(row[1], row[2], row[3]) for row in _rows("demand_examples.tsv")}


def demand_examples(codes: Sequence[str], locale: str = "vi") -> Mapping[str, str]:
    """Element of a demand → an example in the words of the first of these sectors; empty without a known sector."""
    code = next((code for code in codes if code in sectors()), "")
    return {element: term.name(locale) for (sector, element), term in _demand_examples().items() if sector == code}


def organisation_kinds() -> Mapping[str, Term]:
    """Code → kind of organisation."""
    return code_list("organisation_kind")


def label(list_name: str, code: object, locale: str = "vi") -> str:
    """The name of a code in a list (`province`, `sector`, `trl`, `ipc`, or one of code_lists.tsv); the code itself if unknown."""
    key = str(code)
    if list_name == "ipc":
        return ipc_title(key, locale) or key
    term: Term | None
    if list_name == "province":
        term = provinces().get(key)
    elif list_name == "sector":
        term = sectors().get(key)
    elif list_name == "trl":
        term = trl_levels().get(int(key)) if key.isdigit() else None
    else:
        term = code_list(list_name).get(key)
    return term.name(locale) if term else key


@lru_cache(maxsize=1)
def _ipc() -> Mapping[str, Term]:
    return {row[0]: Term(row[0], row[1], row[2]) for row in _rows("ipc.tsv")}


def ipc_title(symbol: str, locale: str = "vi") -> str:
    """The title of a section, class or subclass in our words; of a group, that of its subclass; empty when unknown."""
    for level in reversed(ipc_ancestors(symbol)):
        if term := _ipc().get(level):
            return term.name(locale)
    return ""


def ipc_symbols() -> Mapping[str, Term]:
    """Symbol → titles, for every section, class and subclass."""
    return _ipc()


def _key(name: str) -> str:
    return " ".join(fold(unify_tones(name)).replace("–", " ").replace("-", " ").replace(".", " ").split())


@lru_cache(maxsize=1)
def _place_names() -> Mapping[str, FoundPlace]:
    names: dict[str, FoundPlace] = {}
    for place in provinces().values():
        for name in place.former:
            names.setdefault(_key(name), FoundPlace(place, name))
    for place in provinces().values():
        for name in (place.vi, place.en, *place.aliases):
            names[_key(name)] = FoundPlace(place)
    return names


def find_place(name: str) -> FoundPlace | None:
    """The province a name stands for, with or without accents; a former name leads to its successor."""
    return _place_names().get(_key(name))


@lru_cache(maxsize=1)
def _sector_names() -> Mapping[str, Sector]:
    names: dict[str, Sector] = {}
    for sector in sectors().values():
        for name in (sector.vi, sector.en, *sector.aliases):
            names.setdefault(_key(name), sector)
    return names


def find_sector(name: str) -> Sector | None:
    """The sector a name stands for, with or without accents."""
    return _sector_names().get(_key(name))

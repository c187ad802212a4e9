"""What the results page shows of an answer: cards with marked words, facets with counts, chips of what was understood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from techmart.models.listing import Listing
from techmart.models.organisation import Organisation
from techmart.rules.money import format_money_range
from techmart.rules.vocabulary import code_list, label, provinces
from techmart.search.documents import body_text
from techmart.search.highlight import Fragment, Wanted, highlight, passage, wanted_terms
from techmart.search.query import Answer
from techmart.search.search_args import SearchArgs, parameter_of
from techmart.search.understanding import Piece, Understanding
from techmart.web.i18n import select_locale

FACET_NAMES: Final[Mapping[str, LazyString]] = {
    "kind": _l("Loại tin"),
    "sector": _l("Lĩnh vực"),
    "trl": _l("Mức sẵn sàng công nghệ (TRL)"),
    "province": _l("Tỉnh, thành phố"),
    "transfer_form": _l("Hình thức chuyển giao"),
    "transfer_right": _l("Quyền chuyển giao"),
    "ip_status": _l("Tình trạng bảo hộ"),
    "ipc_section": _l("Phần IPC"),
    "ipc_class": _l("Lớp IPC"),
    "organisation_kind": _l("Loại tổ chức"),
    "verified": _l("Thẩm định"),
    "lang": _l("Ngôn ngữ"),
    "freshness": _l("Độ mới của thông tin"),
    "has_attachment": _l("Tệp"),
}
_SHOWN_AT_ONCE: Final = 6
_CONDITIONS: Final = frozenset(("phrase", "excluded", "trl", "price"))


@dataclass(frozen=True)
class Option:
    """One value of a facet. `note`: a province's former parts."""

    code: str
    name: str
    count: int
    is_chosen: bool
    note: str = ""


@dataclass(frozen=True)
class FacetView:
    """A facet: the first values are shown, the others folded away."""

    name: str
    title: str
    shown: tuple[Option, ...]
    folded: tuple[Option, ...]

    @property
    def parameter(self) -> str:
        return parameter_of(self.name)

    @property
    def has_choice(self) -> bool:
        return any(option.is_chosen for option in (*self.shown, *self.folded))


@dataclass(frozen=True)
class Chip:
    """Something understood or chosen, with the address of the search without it."""

    text: str
    url: str


@dataclass(frozen=True)
class Card:
    """A hit with its marked title and the passage that answers best."""

    thing: Listing | Organisation
    kind: str
    title: tuple[Fragment, ...]
    passage: tuple[Fragment, ...]
    is_untranslated: bool


def facet_views(answer: Answer, args: SearchArgs) -> list[FacetView]:
    """Facets in their order; values nobody would find are left out, chosen ones never."""
    views = []
    for name, title in FACET_NAMES.items():
        counts = dict(answer.result.facets.get(name, ()))
        chosen = args.filters.get(name, ())
        codes = [*counts, *(code for code in chosen if code not in counts)]
        if name == "trl":
            codes.sort(reverse=True)
        options = [
            Option(code, code_name(name, code), counts.get(code, 0), code in chosen, _note(name, code))
            for code in codes
        ]
        if len(options) > 1 or any(option.is_chosen for option in options):
            rest = options[_SHOWN_AT_ONCE:]
            shown = (*options[:_SHOWN_AT_ONCE], *(option for option in rest if option.is_chosen))
            folded = tuple(option for option in rest if not option.is_chosen)
            views.append(FacetView(name, str(title), shown, folded))
    return views


def _note(facet: str, code: str) -> str:
    return _former_parts(code, select_locale()) if facet == "province" else ""


@lru_cache(maxsize=256)
def _former_parts(code: str, _locale: str) -> str:
    joined = provinces()[code].former if code in provinces() else ()
    return str(_("gồm %(former)s cũ", former=", ".join(joined))) if joined else ""


def code_name(facet: str, code: str) -> str:
    """A facet's value in words."""
    locale = select_locale()
    if facet == "verified":
        return str(_("Tổ chức đã thẩm định"))
    if facet == "has_attachment":
        return str(_("Có tệp đính kèm"))
    if facet == "trl":
        return f"TRL {code}"
    if facet == "ip_status":
        name = "offer_ip_status" if code in code_list("offer_ip_status") else "patent_ip_status"
        return label(name, code, locale)
    if facet in ("ipc_section", "ipc_class"):
        return f"{code} · {label('ipc', code, locale)}"
    return label({"kind": "listing_kind"}.get(facet, facet), code, locale)


def chosen_chips(args: SearchArgs, path: str) -> list[Chip]:
    """One chip a chosen filter."""
    chips = [
        Chip(code_name(name, code), args.url(path, **args.without(name, code)))
        for name, codes in args.filters.items()
        for code in codes
    ]
    return chips + [Chip(words, args.url(path, **without)) for words, without in bound_choices(args)]


def bound_choices(args: SearchArgs) -> list[tuple[str, dict[str, Any]]]:
    """Chosen price, TRL and age in words, each with the change that takes it back.  (Any: fields of SearchArgs)"""
    choices: list[tuple[str, dict[str, Any]]] = []
    if args.price_from or args.price_to:
        shown = format_money_range(args.price_low, args.price_high, select_locale())
        choices.append((str(_("Giá %(range)s", range=shown or "?")), {"price_from": "", "price_to": ""}))
    if args.trl_from or args.trl_to:
        choices.append((trl_range(args.trl_from, args.trl_to), {"trl_from": None, "trl_to": None}))
    if args.since:
        choices.append((str(_("Đăng trong %(days)s ngày qua", days=args.since)), {"since": None}))
    return choices


def trl_range(low: int | None, high: int | None) -> str:
    """`TRL 7`, `TRL 4–6`, `TRL từ 7` or `TRL đến 5`."""
    if high is None:
        return str(_("TRL từ %(low)s", low=low))
    if low is None:
        return str(_("TRL đến %(high)s", high=high))
    return f"TRL {low}" if low == high else f"TRL {low}–{high}"


def understood_chips(answer: Answer, args: SearchArgs, path: str) -> list[Chip]:
    """One chip a piece of the query that was read as more than words; its × takes that back."""
    return [
        Chip(piece_text(piece), args.url(path, **without_piece(answer.understanding, piece, args)))
        for piece in answer.understanding.pieces
    ]


def without_piece(understanding: Understanding, piece: Piece, args: SearchArgs) -> dict[str, Any]:
    """The change that takes back what was read into one piece, for `SearchArgs.url` and `replace`.  (Any: fields of SearchArgs)

    A condition goes, since its words name nothing ("TRL 7+"); a quotation loses its marks; a name becomes words again.
    """
    if piece.kind not in _CONDITIONS:
        return {"off": (*args.off, piece.kind)}
    text = understanding.text
    kept = piece.values[0] if piece.kind == "phrase" else ""
    return {"text": " ".join(f"{text[: piece.start]} {kept} {text[piece.end :]}".split())}


def piece_text(piece: Piece) -> str:
    """A piece in words."""
    locale = select_locale()
    if piece.kind == "identifier":
        return str(_("Số hiệu, ký hiệu: %(text)s", text=piece.text))
    if piece.kind == "phrase":
        return str(_("Đúng cụm từ “%(text)s”", text=piece.values[0]))
    if piece.kind == "excluded":
        return str(_("Không có “%(text)s”", text=piece.values[0]))
    if piece.kind == "trl":
        return trl_range(piece.low, piece.high)
    if piece.kind == "price":
        return str(_("Giá %(range)s", range=format_money_range(piece.low, piece.high, locale)))
    if piece.kind == "place":
        name = label("province", piece.values[0], locale)
        if former := piece.values[1]:
            return str(_("%(former)s cũ, nay thuộc %(name)s", former=former, name=name))
        joined = provinces()[piece.values[0]].former
        return str(_("%(name)s, gồm cả %(former)s cũ", name=name, former=", ".join(joined))) if joined else name
    return str(_("Lĩnh vực %(name)s", name=label("sector", piece.values[0], locale)))


def cards(answer: Answer, found: Mapping[str, Listing | Organisation]) -> list[Card]:
    """Cards in rank order; a hit whose row may no longer be seen is left out."""
    wanted = wanted_terms(answer.plan)
    return [_card(found[hit.key], wanted) for hit in answer.result.hits if hit.key in found]


def _card(thing: Listing | Organisation, wanted: Wanted) -> Card:
    english = select_locale() == "en"
    if isinstance(thing, Organisation):
        name = thing.name_en if english and thing.name_en else thing.name_vi
        return Card(
            thing, "organisation", tuple(highlight(name, wanted)), tuple(passage(thing.capability, wanted)), False
        )
    uses_english = english and bool(thing.title_en)
    title = thing.title_en if uses_english else thing.title
    summary = thing.summary_en if english and thing.summary_en else thing.summary
    marked = passage(summary, wanted)
    if not any(fragment.hit for fragment in marked):
        body = passage(body_text(thing), wanted)
        marked = body if any(fragment.hit for fragment in body) or not summary else marked
    shown_lang = "en" if uses_english else thing.lang
    return Card(thing, thing.kind, tuple(highlight(title, wanted)), tuple(marked), shown_lang != select_locale())


def translations(answer: Answer) -> Sequence[tuple[str, str]]:
    """(phrase, what it was also searched as), once each."""
    rows = {row.phrase.lower(): ", ".join(row.into[:3]) for row in answer.plan.translations}
    return tuple(rows.items())[:8]

"""The panel of matches on a listing's page: counterparts, points by part, reasons, and what is not met or not said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask import Flask
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from techmart.matching.explain import SharedPhrase
from techmart.matching.facts import Finding
from techmart.matching.match import Match, Thing, find_matches
from techmart.matching.profile import profile_of
from techmart.models.listing import Listing
from techmart.operations.found import load_found
from techmart.rules.clock import local_today
from techmart.rules.money import format_money_short
from techmart.rules.vocabulary import label
from techmart.search.glossary_store import current_glossary
from techmart.search.service import current_engine
from techmart.web.actor import current_actor
from techmart.web.field_names import FIELD_NAMES
from techmart.web.formats import dmy
from techmart.web.i18n import select_locale

PART_NAMES: Final[Mapping[str, LazyString]] = {
    "text": _l("Nội dung"),
    "sector": _l("Lĩnh vực"),
    "ipc": _l("Phân loại IPC"),
    "trl": _l("TRL"),
    "budget": _l("Ngân sách"),
    "place": _l("Địa bàn"),
    "transfer": _l("Hình thức chuyển giao"),
}


@dataclass(frozen=True)
class MatchView:
    """One match in words. `parts`: (name, points, most); `agreed`, `missing`: (mark, text, note) for macros.ui.marks."""

    thing: Thing
    percent: int
    parts: tuple[tuple[str, float, int], ...]
    agreed: tuple[tuple[str, str, str], ...]
    missing: tuple[tuple[str, str, str], ...]


def init_app(app: Flask) -> None:
    """Give templates `match_panel(listing)`."""
    app.jinja_env.globals.update(match_panel=match_panel)


def match_panel(listing: Listing, limit: int = 5) -> list[MatchView]:
    """The best matches of a listing for whoever looks, asked from the index of public things."""
    actor = current_actor()
    snapshot = current_engine().snapshot()

    def load(keys: Sequence[str]) -> Mapping[str, Thing]:
        return load_found(actor, keys)

    matches = find_matches(snapshot, profile_of(listing), load, current_glossary(), today=local_today(), limit=limit)
    return [_view(match) for match in matches]


def _view(match: Match) -> MatchView:
    parts = tuple((str(PART_NAMES[name]), _plain(points), most) for name, points, most in match.score.parts)
    agreed = [("ok", *_phrase_text(phrase)) for phrase in match.phrases[:5]]
    missing = []
    for finding in match.score.findings:
        if finding.state == "agrees":
            agreed.append(("ok", _agreed_text(finding), ""))
        elif finding.state == "unmet":
            missing.append(("bad", _unmet_text(finding), ""))
        elif finding.state == "unknown":
            missing.append(("na", *_unknown_text(finding)))
    return MatchView(match.thing, match.percent, parts, tuple(agreed), tuple(missing))


def _plain(points: float) -> float | int:
    return int(points) if points == int(points) else points


def _phrase_text(phrase: SharedPhrase) -> tuple[str, str]:
    text = f"“{phrase.phrase}”"
    if phrase.through:
        text += f" → “{phrase.through}”"
    return text, str(_("%(here)s ↔ %(there)s", here=_fields(phrase.fields), there=_fields(phrase.other_fields)))


def _fields(names: Sequence[str]) -> str:
    shown = [str(FIELD_NAMES.get(name, name)) for name in names[:3]]
    return ", ".join(shown) + (" …" if len(names) > 3 else "")


def _agreed_text(finding: Finding) -> str:
    locale = select_locale()
    if finding.part == "sector":
        return str(_("Cùng lĩnh vực: %(names)s", names="; ".join(label("sector", code, locale) for code in finding.values)))
    if finding.part == "ipc":
        symbol = str(finding.values[0])
        return str(_("Cùng nhóm IPC %(symbol)s: %(title)s", symbol=symbol, title=label("ipc", symbol, locale)))
    if finding.part == "trl":
        return str(_("TRL %(has)s, bên cần yêu cầu từ %(wants)s", has=finding.values[0], wants=finding.values[1]))
    if finding.part == "budget":
        price, budget = (format_money_short(int(str(value)), locale) for value in finding.values)
        return str(_("Giá từ %(price)s, trong ngân sách %(budget)s", price=price, budget=budget))
    if finding.part == "place":
        return str(_("Cùng ở %(place)s", place=label("province", finding.values[0], locale)))
    return str(_("Hình thức chuyển giao hợp nhau"))


def _unmet_text(finding: Finding) -> str:
    locale = select_locale()
    if finding.part == "sector":
        return str(_("Khác lĩnh vực"))
    if finding.part == "ipc":
        return str(_("Khác phần phân loại IPC"))
    if finding.part == "trl":
        return str(_("TRL %(has)s, thấp hơn mức bên cần là %(wants)s", has=finding.values[0], wants=finding.values[1]))
    if finding.part == "budget":
        price, budget = (format_money_short(int(str(value)), locale) for value in finding.values)
        return str(_("Giá từ %(price)s, cao hơn ngân sách %(budget)s", price=price, budget=budget))
    if finding.part == "deadline":
        return str(_("Hạn trả lời %(day)s đã qua", day=dmy(finding.values[0])))  # type: ignore[arg-type]  # a date here
    return str(_("Quyền hoặc hình thức chuyển giao khác nhau"))


def _unknown_text(finding: Finding) -> tuple[str, str]:
    name = str(PART_NAMES[finding.part])
    who = {
        ("wanted",): _("Bên cần chưa nêu"),
        ("offered",): _("Bên có công nghệ chưa nêu"),
    }.get(finding.missing_on, _("Hai bên chưa nêu"))
    return str(_("Chưa so được: %(name)s", name=name)), str(who)

"""What is not public is in no match: neither by name nor by number, on any page that shows matches, whoever reads it.

Each thing is public and matched first, told of, proposed, declined and counted; then it goes into every state. The table
says who reads of it on which page while it is public: exactly these, and nobody in any other state, neither before the
index knows nor after. What is counted stands as it stood before the thing was there.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from techmart.db import db, unit_of_work
from techmart.models.account import User
from techmart.models.listing import Listing
from techmart.models.match import Match
from techmart.operations import match as matches
from techmart.operations.match_pair import find_pair
from techmart.operations.proposal import load_proposable, propose
from techmart.rules.audience import PUBLIC_STATES
from techmart.rules.lifecycle import ListingState
from techmart.rules.matching import Decision, Side
from techmart.rules.policy import MemberRole
from tests import factories as make
from tests.conftest import Clock
from tests.operations.market import Market, open_market, settle
from tests.security.marked import MARK, MARKS, NOTE, REMARK, Login, move, texts

KINDS = ("offer", "patent", "demand")

DESK, FIGURES = "/moderation/supply-demand", "/moderation/matches"
FILES = (
    f"{DESK}/demands/export?format=csv&standing=any&threshold=30",
    f"{DESK}/technologies/export?format=xlsx&standing=any&threshold=30",
    f"{DESK}/pairs/export?format=csv&threshold=30",
    f"{FIGURES}/export?format=csv",
)
PUBLIC_FILES = ("/search/export?q=màng+lọc&format=csv",)
#: Pages of numbers, which name nothing.
FIGURE_PAGES = (f"{DESK}?threshold=30", FIGURES)


@dataclass
class Scene:
    """`hidden` goes through the states; `other` is its counterpart, `second` what staff proposed it to, and `third` is declined.

    `browsers`: one for each reader. `owner` owns what is hidden, `counterpart` and `viewer` belong to the other side.
    """

    market: Market
    other: Listing
    second: Listing
    third: Listing
    browsers: Mapping[str, FlaskClient]
    staff: User
    hidden: Listing

    @property
    def page(self) -> str:
        return f"/{self.other.kind}s/{self.other.code}"


def _open_scene(which: str, client: FlaskClient, login: Login) -> tuple[Scene, dict[str, str]]:
    """Everything but the hidden thing, what the figures say by then; then the thing and all that is made of it."""
    market = open_market(capability="Chăn nuôi heo, cần màng lọc sinh học xử lý nước thải", is_suggestable=True)
    of_demand = which == "demand"
    own, reader = (market.farm, market.seller) if of_demand else (market.institute, market.buyer)
    side = market.institute if of_demand else market.farm
    counterpart = market.offer if of_demand else market.demand
    other = counterpart()
    apart = {"title": "Cảm biến độ mặn cho ao tôm", "summary": "Đo độ mặn.", "problem": "Ao tôm.", "keywords": []}
    second = counterpart(**apart)
    third = make.listing("offer" if of_demand else "demand", make.organisation(kind="business"), **apart)
    staff = make.staff()
    browsers = {
        "stranger": client,
        "somebody": login(make.member(make.organisation(kind="business"))),
        "viewer": login(make.member(side, MemberRole.VIEWER)),
        "counterpart": login(reader),
        "owner": login(market.buyer if of_demand else market.seller),
        "moderator": login(staff),
    }
    settle()
    before = _counted(browsers, other)
    hidden = make.listing(which, own, **texts(which))
    settle()
    assert db.session.query(Match).filter(Match.state == "new", Match.side == "wanted").count() >= 1
    scene = Scene(market, other, second, third, browsers, staff, hidden)
    _talk(scene, own_owner=market.buyer if of_demand else market.seller, of_demand=of_demand)
    return scene, before


def _talk(scene: Scene, *, own_owner: User, of_demand: bool) -> None:
    """Staff propose the thing to `second`; it is declined for or by `third`."""
    actor = make.actor(scene.staff)
    with unit_of_work():
        pair = load_proposable(actor, scene.second.code, scene.hidden.code)
        propose(actor, pair, NOTE, scores={Side.WANTED: 40, Side.OFFERED: 40})
    decider = own_owner if of_demand else make.member(scene.third.organisation)
    needs, has = (scene.hidden, scene.third) if of_demand else (scene.third, scene.hidden)
    with unit_of_work():
        actor = make.actor(decider)
        pair = find_pair(actor, needs.code, has.code)
        matches.decide(actor, pair, Decision.DISMISS, score=50, reason="price", text=REMARK)


def _paths(scene: Scene, which: str) -> dict[str, frozenset[str]]:
    """Path → who reads of the thing there while it is public."""
    everybody = frozenset(scene.browsers)
    inside = frozenset({"counterpart", "viewer"})
    staff = frozenset({"moderator"})
    both_sides = inside | {"owner"}
    # Whoever acts for the side was told; a company's panel is there for all its members.
    desk = {"counterpart"} if which == "demand" else inside
    return {
        scene.page: everybody,
        f"/api/v1{scene.page}/matches": everybody,
        "/search?q=màng+lọc": everybody,
        f"/suggest?q={MARK}": everybody,
        "/search.rss?q=màng+lọc": everybody,
        **dict.fromkeys(PUBLIC_FILES, everybody),
        "/workspace": frozenset(desk),
        "/notifications": frozenset({"counterpart"}),
        "/matches": both_sides,
        "/matches?state=dismissed": frozenset({"owner"}) if which == "demand" else frozenset(),
        f"/matches/{scene.other.code}/{scene.hidden.code}": frozenset({"counterpart"}),
        f"{FIGURES}/list": staff,
        f"{DESK}/demands?standing=any&threshold=30": staff,
        f"{DESK}/technologies?standing=any&threshold=30": staff,
        f"{DESK}/pairs?threshold=30": staff,
        "/moderation/proposals": staff,
        f"/moderation/proposals/new?one={scene.other.code}": staff,
        f"/organisations/{scene.market.farm.slug}": everybody if which == "demand" else frozenset(),
        f"/organisations/{scene.market.institute.slug}": frozenset() if which == "demand" else everybody,
        **dict.fromkeys(FILES, staff),
    }


def _text(browser: FlaskClient, path: str) -> str:
    response = browser.get(path)
    if response.data.startswith(b"PK"):
        with zipfile.ZipFile(BytesIO(response.data)) as archive:
            return "\n".join(archive.read(name).decode() for name in archive.namelist())
    return unescape(response.text)


def _names_it(scene: Scene, browser: FlaskClient, path: str) -> bool:
    """Whether an answer names the thing, or what was said of it, otherwise than by repeating what was asked."""
    text = _text(browser, path)
    if browser is scene.browsers["owner"] and path == "/workspace":
        text = text.partition('id="goi-y"')[2]  # his own listings stand on his desk
    return scene.hidden.code in text.replace(path, "") or any(
        re.search(rf"\w+ {mark}" if mark in path else mark, text) for mark in MARKS
    )


#: The owner of a thing reads of it among his own listings, in his news and on the pages of his organisation.
_OF_OWNER = re.compile("/workspace|/notifications|/organisations/")
#: Of pages that anybody may read, the readers with the widest rights stand for the others.
_WIDEST = frozenset({"stranger", "counterpart", "owner", "moderator"})


def _asked(table: Mapping[str, frozenset[str]], readers: frozenset[str]) -> list[tuple[str, str]]:
    """(reader, path) of all that is asked: each of `readers` on each page, but an owner not on his own pages."""
    return [
        (name, path) for path in table for name in sorted(readers) if not (name == "owner" and _OF_OWNER.match(path))
    ]


def _told(scene: Scene, asked: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    return {(name, path) for name, path in asked if _names_it(scene, scene.browsers[name], path)}


_BADGE = re.compile(r"Tất cả kết quả khớp *(?:<span[^>]*>([^<]*))?")


def _counted(browsers: Mapping[str, FlaskClient], other: Listing) -> dict[str, str]:
    """What pages of numbers say: staff's, the counterpart's lists, and everybody's answers about the counterpart."""
    asked = [("moderator", path) for path in FIGURE_PAGES]
    asked += [(name, "/matches") for name in ("counterpart", "owner", "viewer")]
    asked += [("stranger", f"/{other.kind}s/{other.code}"), ("stranger", f"/api/v1/{other.kind}s/{other.code}/matches")]
    asked += [("stranger", "/search?q=màng+lọc"), ("stranger", "/")]
    pages = {f"{name} {path}": _text(browsers[name], path) for name, path in asked}
    said = {name: page.partition("<main")[2].partition("</main>")[0] or page for name, page in pages.items()}
    desks = {f"{name} badge": _text(browsers[name], "/workspace") for name in ("counterpart", "owner", "viewer")}
    return said | {name: " ".join(_BADGE.findall(page)) for name, page in desks.items()}


@pytest.mark.parametrize("which", KINDS)
def test_who_reads_of_a_listing_in_which_state(
    app: Flask, client: FlaskClient, login: Login, clock: Clock, which: str
) -> None:
    scene, before = _open_scene(which, client, login)
    counted = _counted(scene.browsers, scene.other)
    assert {name for name, text in counted.items() if text == before[name]} == set(), (
        "else nothing is seen of the thing"
    )
    table = _paths(scene, which)
    asked = _asked(table, frozenset(scene.browsers))
    told = _told(scene, asked)
    assert told == {(name, path) for name, path in asked if name in table[path]}

    widest = [(name, path) for name, path in sorted(told) if table[path] != scene.browsers.keys() or name in _WIDEST]
    few = [(name, path) for name, path in widest if "export" not in path and name != "viewer"]
    for state in ListingState if which != "patent" else (ListingState.HIDDEN,):
        move(scene.hidden, state)
        if state in PUBLIC_STATES:
            settle()
            page = scene.page
            assert _told(scene, [("stranger", page), ("stranger", f"/api/v1{page}/matches")]), state
            continue
        is_looked_at_closely = state in (ListingState.DRAFT, ListingState.HIDDEN)
        if is_looked_at_closely:  # while the index knows nothing of it yet
            assert _told(scene, widest) == set(), state
        settle()
        assert _told(scene, widest if state is ListingState.HIDDEN else few) == set(), state
        own = f"/api/v1/{which}s/{scene.hidden.code}/matches"
        assert {browser.get(own).status_code for browser in scene.browsers.values()} == {404}, (
            "a session widens nothing"
        )
        now = _counted(scene.browsers, scene.other)
        assert {name: text for name, text in now.items() if text != before[name]} == {}, state

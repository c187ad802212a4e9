"""Match what became public or changed: the index asked, both sides scored, the result stored by operations.match_store."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import structlog
from flask import current_app

from techmart.db import unit_of_work
from techmart.jobs.stopping import is_stopping
from techmart.matching.match import Loader, Match, find_matches, match_one, score_one
from techmart.matching.profile import Profile, profile_of
from techmart.matching.score import Score
from techmart.matching.weights import CANDIDATES
from techmart.models.listing import Demand
from techmart.models.organisation import Organisation
from techmart.operations.alert import lowest_threshold
from techmart.operations.found import load_found
from techmart.operations.match_pair import (
    Thing,
    make_pair,
    matched_version,
    may_pair,
    organisation_id_of,
    text_version,
)
from techmart.operations.match_queue import MatchWork, count_queue, finish_work, next_work, record_failure
from techmart.operations.match_store import (
    FoundPair,
    SideScore,
    forget_matched,
    list_known_keys,
    load_to_match,
    store_pairs,
    was_matched,
)
from techmart.operations.organisation_sources import sources_of
from techmart.rules.clock import local_today
from techmart.rules.matching import LOWEST_THRESHOLD, Side
from techmart.rules.policy import ANONYMOUS
from techmart.search.glossary import Glossary
from techmart.search.glossary_store import current_glossary
from techmart.search.service import current_engine
from techmart.search.snapshot import Snapshot
from techmart.search.sync import file_lock

LOCK_NAME = "matching.lock"
#: So many counterparts a thing are stored in each direction.
PAIRS_KEPT = 20
_REASONS_KEPT = 3
#: Seconds in which a run over everything (jobs.match_run) stores a batch and lets go for a moment; nothing published waits longer.
_PATIENCE = 2.0
#: So many that came in bulk are worth the seconds that processes take to start.
MANY = 64

_log = structlog.get_logger()


def match_waiting(match_many: Callable[[], int] | None = None) -> int:
    """Match one thing after another until nothing is ready; returns how many were looked at. Safe to run twice at once.

    Each is asked for anew, so that a single publication goes before what came in bulk. Killed at any point, or asked to stop,
    the rows are still there and the thing is matched again, with the same result. `match_many` takes over where much came in bulk
    (jobs.match_bulk), and returns how many.
    """
    done = 0
    # Asked again after the lock was let go: who came meanwhile found it taken and left.
    while not is_stopping() and next_work() is not None:
        with file_lock(_lock_path(), wait=False, patience=_PATIENCE) as is_mine:
            if not is_mine:
                return done
            while not is_stopping() and (work := next_work()) is not None:
                if work.is_bulk and match_many is not None and count_queue()["bulk"] >= MANY:
                    done += match_many()
                    continue
                started = time.monotonic()
                match_work(work)
                done += 1
                if work.is_bulk:  # leave the processor to index and mail as long as it was taken
                    time.sleep(time.monotonic() - started)
    return done


#: Version and pairs of a thing.
Found = tuple[str, Sequence[FoundPair]]


def match_work(work: MatchWork, find: Callable[[Thing], Found] | None = None) -> None:
    """Match one thing and store it; what fails is tried again later. `find`: where its pairs come from, if not from here."""
    try:
        thing = load_to_match(work.key)
        if thing is None:
            with unit_of_work():
                forget_matched(work)
        elif was_matched(thing):
            with unit_of_work():
                finish_work(work)
        else:
            version, found = find(thing) if find is not None else (matched_version(thing), find_pairs(thing))
            with unit_of_work():
                store_pairs(work, version, found)
    except Exception as error:  # outermost per thing: one that cannot be matched must not stop the others
        _log.warning("match_failed", key=work.key, error=repr(error))
        record_failure(work, repr(error))


def find_pairs(thing: Thing) -> list[FoundPair]:
    """The best counterparts and those known before, with the scores that both sides see on the index of now."""
    return find_both_sides(Scorer.of_now(), thing, list_known_keys([thing])[thing.key], load_public)


def find_both_sides(scorer: Scorer, thing: Thing, known: Iterable[str], load: Loader) -> list[FoundPair]:
    """The same by this scorer. `known`: keys of those known before; `load`: rows of what is public.

    The other side's view is computed where somebody acts for it, reasons where somebody is to be told: both cost more than
    the search itself.
    """
    found = scorer.points_of_pairs(thing, known, load, limit=PAIRS_KEPT)
    return [_found_pair(scorer, thing, other, points) for other, points in found]


def load_public(keys: Sequence[str]) -> Mapping[str, Thing]:
    """The rows of the keys that anybody may see."""
    return load_found(ANONYMOUS, keys)


class Scorer:
    """Scores on one state of the index, and who waits for them."""

    def __init__(self, snapshot: Snapshot, glossary: Glossary | None, today: date) -> None:
        self._snapshot, self._glossary, self._today = snapshot, glossary, today
        self._thresholds: dict[int, int | None] = {}
        self._own: tuple[Thing, Profile] | None = None

    @classmethod
    def of_now(cls) -> Scorer:
        """On the index as it is now."""
        engine = current_engine()
        engine.refresh()
        return cls(engine.snapshot(), current_glossary(), local_today())

    def points_of_pairs(
        self, thing: Thing, known: Iterable[str], load: Loader, *, limit: int
    ) -> list[tuple[Thing, int]]:
        """The best `limit` counterparts of each sort, and those of the keys `known`, with the points as the thing sees them.

        `load`: the rows of keys, of what is public.
        """
        found: dict[str, tuple[Thing, int]] = {}
        for kinds in _counterparts(thing):
            best = self._best(thing, kinds, load, limit)
            found |= {match.thing.key: (match.thing, _shown_points(match.score)) for match in best}
        if left := sorted(set(known) - found.keys()):
            found |= {key: (other, self.points(thing, other)) for key, other in load(left).items()}
        return list(found.values())

    def _best(self, thing: Thing, kinds: Sequence[str], load: Loader, limit: int) -> list[Match]:
        return find_matches(
            self._snapshot, self._profile(thing), _only_pairs_of(thing, load), self._glossary, today=self._today, limit=limit,
            kinds=kinds, loaded=CANDIDATES, explained=False,
        )  # fmt: skip

    def points(self, own: Thing, other: Thing) -> int:
        """How the pair looks from the side of `own`."""
        return _shown_points(score_one(self._snapshot, self._profile(own), other, self._glossary, today=self._today))

    def percent(self, own: Thing, other: Thing) -> int:
        """The same for who is shown the pair however few points it has."""
        score = score_one(self._snapshot, self._profile(own), other, self._glossary, today=self._today)
        return min(100, score.percent)

    def reasons(self, own: Thing, other: Thing) -> dict[str, Any]:  # Any: see _reasons
        return _reasons(match_one(self._snapshot, self._profile(own), other, self._glossary, today=self._today))

    def _profile(self, own: Thing) -> Profile:
        """As its own side may see it."""
        if self._own is None or self._own[0] is not own:
            self._own = own, profile_of(own, sources_of(own))
        return self._own[1]

    def threshold(self, thing: Thing) -> int | None:
        """From how many points on somebody on this side is told; None where nobody acts for it."""
        number = organisation_id_of(thing)
        if number not in self._thresholds:
            self._thresholds[number] = lowest_threshold(number)
        return self._thresholds[number]


def _counterparts(thing: Thing) -> tuple[tuple[str, ...], ...]:
    """Kinds to ask for, each list by itself so that one does not crowd out the other."""
    return (("offer", "patent"),) if isinstance(thing, Demand | Organisation) else (("demand",), ("organisation",))


def _only_pairs_of(thing: Thing, load: Loader) -> Loader:
    """Of what `load` gives, what may be suggested to `thing`, or it to them."""
    return lambda keys: {key: other for key, other in load(keys).items() if may_pair(thing, other)}


def _found_pair(scorer: Scorer, thing: Thing, other: Thing, points: int) -> FoundPair:
    """`points`: as the thing sees it.

    What two listings share is the reason on either side, each wording it its own way. A company's side rests on what it
    says elsewhere too, which the other side must not read: each has reasons of its own.
    """
    own_side = make_pair(thing, other).side
    other_side = Side.OFFERED if own_side is Side.WANTED else Side.WANTED
    own_threshold, other_threshold = scorer.threshold(thing), scorer.threshold(other)
    other_points = scorer.points(other, thing) if other_threshold is not None else 0
    reasons: dict[str, Any] = {}  # Any: see _reasons
    if _reaches(points, own_threshold) or _reaches(other_points, other_threshold):
        reasons = scorer.reasons(thing, other)
    sides = {own_side: SideScore(points, reasons)}
    if other_threshold is None:
        return FoundPair(other.key, text_version(other), sides)
    if reasons and isinstance(make_pair(thing, other).wanted, Organisation):
        sides[other_side] = SideScore(other_points, scorer.reasons(other, thing))
        return FoundPair(other.key, text_version(other), sides)
    phrases = [[through, phrase] if through else [phrase, ""] for phrase, through in reasons.get("phrases", ())]
    sides[other_side] = SideScore(other_points, {**reasons, "phrases": phrases})
    return FoundPair(other.key, text_version(other), sides)


def _reaches(points: int, threshold: int | None) -> bool:
    return threshold is not None and points >= threshold


def _shown_points(score: Score) -> int:
    """Of 100; 0 where nobody would be shown the pair, or could not be told of it whatever he chose."""
    is_kept = score.is_shown and score.percent >= LOWEST_THRESHOLD
    return min(100, score.percent) if is_kept else 0


def _reasons(match: Match) -> dict[str, Any]:  # Any: texts, codes and numbers
    """Phrases and agreeing facts that earned most, in codes: see web.match_words."""
    agreeing = sorted(
        (finding for finding in match.score.findings if finding.state == "agrees"), key=lambda row: -row.points
    )
    return {
        "phrases": [[row.phrase, row.through] for row in match.phrases[:_REASONS_KEPT]],
        "facts": [[row.part, [_plain(value) for value in row.values]] for row in agreeing[:_REASONS_KEPT]],
    }


def _plain(value: object) -> int | str:
    return value if isinstance(value, int) else str(value)


def _lock_path() -> Path:
    path: Path = current_app.config["SETTINGS"].var_dir / LOCK_NAME
    return path

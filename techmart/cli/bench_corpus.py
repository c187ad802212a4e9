"""Documents and queries of the benchmark: from a JSONL file (.gz too), or made up where none is given. Always the same."""

from __future__ import annotations

import gzip
import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from techmart.rules.text import fold
from techmart.rules.vocabulary import ipc_symbols, provinces, sectors
from techmart.search.analysis import split_words
from techmart.search.document import SearchDocument

_KINDS: Final = ("offer", "patent", "demand")
_QUERIES_PER_CLASS: Final = 25
_TYPED: Final = 100
_SEED: Final = 20261123


def read_documents(corpus: Path | None, count: int) -> Iterator[SearchDocument]:
    """`count` documents with the facets a catalogue has, repeated with new keys where the corpus is smaller."""
    number = 0
    while number < count:
        before = number
        for title, body, lang in islice(_texts(corpus, number), count - number):
            yield _document(number, title, body, lang)
            number += 1
        if number == before:
            return


def _texts(corpus: Path | None, start: int) -> Iterator[tuple[str, str, str]]:
    if corpus is None:
        yield from _made_up(start)
        return
    opener = gzip.open if corpus.suffix == ".gz" else open
    with opener(corpus, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield (
                row.get("title") or "",
                row.get("body") or row.get("text") or row.get("abstract") or "",
                row.get("lang") or "vi",
            )


def _made_up(start: int) -> Iterator[tuple[str, str, str]]:
    """Texts of words with a natural (Zipf) spread, from the titles the product ships."""
    words = [word for term in ipc_symbols().values() for word in split_words(term.vi.lower())]
    common = [word for word, _ in Counter(words).most_common()]
    chance = random.Random(_SEED + start)  # noqa: S311  # no secret, only variety
    weights = [1 / (rank + 10) for rank in range(len(common))]
    while True:
        chosen = chance.choices(common, weights, k=150)
        yield " ".join(chosen[:10]), " ".join(chosen[10:]), "vi"


def _document(number: int, title: str, body: str, lang: str) -> SearchDocument:
    sector_codes, province_codes = list(sectors()), list(provinces())
    kind = _KINDS[number % 3]
    return SearchDocument(
        key=f"{kind}:{number}",
        kind=kind,
        id=number,
        version=1,
        lang=lang,
        text={"title": title, "body": body},
        facets={
            "kind": (kind,),
            "sector": (sector_codes[number % len(sector_codes)], sector_codes[(number // 7) % len(sector_codes)]),
            "province": (province_codes[number % len(province_codes)],),
            "trl": (str(number % 9 + 1),),
            "lang": (lang,),
            "verified": ("yes",) if number % 2 else (),
            "ip_status": ("granted" if number % 3 else "pending",),
            "transfer_form": (("independent", "franchise", "ip_transfer")[number % 3],),
        },
        numbers={"published_at": 1_700_000_000 + number * 61, "trl": number % 9 + 1},
    )


def folded(document: SearchDocument) -> str:
    """The words of a document as every engine sees them: folded, separated by blanks."""
    return " ".join(fold(word) for text in document.text.values() for word in split_words(text))


def make_queries(texts: Iterator[str]) -> dict[str, list[list[str]]]:
    """Query class → queries as lists of folded words, chosen by how many documents hold them."""
    counts: Counter[str] = Counter()
    samples: list[list[str]] = []
    total = 0
    for text in texts:
        words = text.split()
        counts.update(list(dict.fromkeys(words)))  # not a set: its order differs between runs
        total += 1
        if total % 97 == 0 and len(words) >= 60:
            samples.append(words)
    chance = random.Random(_SEED)  # noqa: S311
    usual = {w: n for w, n in counts.items() if w.isalpha() and len(w) > 1}
    common = [w for w, n in usual.items() if n >= total * 0.05] or list(usual)[:50]
    middle = [w for w, n in usual.items() if total * 0.005 <= n < total * 0.2] or common
    rare = [w for w, n in usual.items() if 2 <= n <= max(3, total * 0.0005)] or middle

    def together(size: int) -> list[str]:
        """Words of one document, so that all of them have a common hit."""
        words = list(dict.fromkeys(w for w in chance.choice(samples) if w in usual and counts[w] >= total * 0.002))
        return chance.sample(words, min(size, len(words)))

    def adjacent() -> list[str]:
        words = chance.choice(samples)
        place = chance.randrange(len(words) - 2)
        return words[place : place + 2]

    n = _QUERIES_PER_CLASS
    return {
        "1 rare": [[chance.choice(rare)] for _ in range(n)],
        "1 common": [[chance.choice(common)] for _ in range(n)],
        "2 AND": [together(2) for _ in range(n)],
        "4 AND": [together(4) for _ in range(n)],
        "4 OR": [together(4) for _ in range(n)],
        "40 terms": [together(40) for _ in range(n)],
        "phrase": [adjacent() for _ in range(n)],
        "prefix": [[chance.choice(middle)[:3]] for _ in range(n)],
        "2 AND, 8 facets": [together(2) for _ in range(n)],
        "filter, sort": [[chance.choice(middle)] for _ in range(n)],
    }


def make_typed(titles: Sequence[str]) -> list[str]:
    """What people may type: two to four words of titles as they are written, every other text without its accents."""
    chance = random.Random(_SEED)  # noqa: S311
    usual = [words for title in titles if len(words := split_words(title)) >= 4]
    typed = []
    for number in range(_TYPED):
        words = chance.choice(usual)
        start, size = chance.randrange(len(words) - 3), chance.randrange(2, 5)
        text = " ".join(words[start : start + size]).lower()
        typed.append(fold(text) if number % 2 else text)
    return typed

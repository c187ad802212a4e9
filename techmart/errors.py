"""One class per refusal. They carry data, never sentences: the web layer words them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


class TechmartError(Exception):
    """Base of every refusal the product raises on purpose."""


class NotFound(TechmartError):
    """The thing does not exist, or the reader may not know that it does (404)."""


@dataclass
class NotAllowed(TechmartError):
    """The reader may see the thing but not do this to it (403)."""

    permission: str


@dataclass
class IllegalTransition(TechmartError):
    """The action does not lead anywhere from the current state (409)."""

    action: str
    state: str


@dataclass
class ReasonRequired(TechmartError):
    """The action must say why."""

    action: str


@dataclass
class StaleVersion(TechmartError):
    """Somebody else saved in between (409). `current` is the stored version, `given` the one the form was based on."""

    given: int
    current: int


@dataclass
class InvalidFields(TechmartError):
    """Field name → list of problem codes. All problems are reported at once."""

    problems: Mapping[str, list[str]]


@dataclass
class Throttled(TechmartError):
    """Too many tries; `retry_after_seconds` says when the next one is heard."""

    retry_after_seconds: int


class InvalidToken(TechmartError):
    """A mailed link that is unknown, used or too old. The three are not told apart."""


class LoginRefused(TechmartError):
    """Unknown address, wrong password or disabled account. The three are not told apart."""


class CodeRefused(TechmartError):
    """A second-factor or recovery code that is wrong or was used before."""


@dataclass
class UploadRefused(TechmartError):
    """The file is not stored; `reason` is `too_large`, `type`, `structure`, `quota`, `count` or `empty`.

    `limit` is what was exceeded: bytes for `too_large` and `quota`, files for `count`. `detail` says what is wrong with
    the structure: `active_content`, `archive`, `damaged`, `encrypted`, `external`, `macro`, `pixels`, `polyglot`,
    `too_complex`.
    """

    reason: str
    limit: int | None = None
    detail: str | None = None

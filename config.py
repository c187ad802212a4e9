"""Settings: read from the environment once, coerced, checked, and then passed around as one frozen object."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent
_MINIMUM_SECRET_LENGTH = 32


def keep_compiled_code(environ: MutableMapping[str, str], *, beside_program: bool) -> None:
    """Say where the compiled loops of the search engine are kept: beside the program, or where that is read-only in VAR_DIR."""
    if not beside_program:
        environ.setdefault(
            "NUMBA_CACHE_DIR", str(Path(environ.get("VAR_DIR", "").strip() or ROOT / "var") / "compiled")
        )


# Numba reads it when it is imported, which is before an application has settings.
keep_compiled_code(os.environ, beside_program=os.access(ROOT / "techmart", os.W_OK))


class SettingsError(ValueError):
    """The environment cannot be turned into settings; carries every problem found, not only the first."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(f"- {problem}" for problem in problems))
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything an operator may set. Sizes carry their unit in the name; directories are absolute."""

    environment: str = "development"
    secret_key: str = ""
    secret_key_fallbacks: tuple[str, ...] = ()
    database_url: str = ""
    search_index_dir: Path = ROOT / "search_index"
    upload_dir: Path = ROOT / "var/uploads"
    var_dir: Path = ROOT / "var"
    base_url: str = "http://127.0.0.1:8000"
    port: int = 8000
    web_workers: int = 2
    web_threads: int = 4
    trusted_hosts: tuple[str, ...] = ()
    trusted_proxy_count: int = 0
    smtp_url: str = ""
    mail_from: str = "techmart@localhost.localdomain"
    site_name: str = "Techmart ảo"
    operator_name: str = "Trung tâm Thông tin và Thống kê khoa học, công nghệ"
    territory_code: str = "79"
    search_cache_mb: int = 32
    organisation_quota_mb: int = 200
    confirmation_days: int = 90
    log_json: bool = False
    sample_data: bool = False

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @property
    def mail_dir(self) -> Path:
        """Where mail is written as readable files when no SMTP server is set."""
        return self.var_dir / "mail"

    @property
    def glossary_dir(self) -> Path:
        """Dictionaries that the operator imported."""
        return self.var_dir / "glossary"

    @property
    def jobs_path(self) -> Path:
        return self.var_dir / "jobs.db"

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read settings from `environ` (default: the process environment).

    Raises SettingsError naming every bad or missing value. In development and testing a secret key is made
    once and kept in the private var directory; a production start without one is refused.
    """
    reader = _Reader(os.environ if environ is None else environ)
    environment = reader.choice("TECHMART_ENV", "development", ("development", "testing", "production"))
    var_dir = reader.path("VAR_DIR", ROOT / "var")
    port = reader.integer("PORT", 8000, 1, 65535)
    defaults = Settings()
    settings = Settings(
        environment=environment,
        secret_key=reader.text("SECRET_KEY", ""),
        secret_key_fallbacks=reader.words("SECRET_KEY_FALLBACKS"),
        database_url=reader.text("DATABASE_URL", f"sqlite:///{var_dir / 'techmart.db'}"),
        search_index_dir=reader.path("SEARCH_INDEX_DIR", ROOT / "search_index"),
        upload_dir=reader.path("UPLOAD_DIR", var_dir / "uploads"),
        var_dir=var_dir,
        base_url=reader.text("BASE_URL", f"http://127.0.0.1:{port}").rstrip("/"),
        port=port,
        web_workers=reader.integer("WEB_CONCURRENCY", defaults.web_workers, 1, 64),
        web_threads=reader.integer("WEB_THREADS", defaults.web_threads, 1, 64),
        trusted_hosts=reader.words("TRUSTED_HOSTS"),
        trusted_proxy_count=reader.integer("TRUSTED_PROXY_COUNT", 0, 0, 5),
        smtp_url=reader.text("SMTP_URL", ""),
        mail_from=reader.text("MAIL_FROM", defaults.mail_from),
        site_name=reader.text("SITE_NAME", defaults.site_name),
        operator_name=reader.text("OPERATOR_NAME", defaults.operator_name),
        territory_code=reader.text("TERRITORY_CODE", defaults.territory_code),
        search_cache_mb=reader.integer("SEARCH_CACHE_MB", defaults.search_cache_mb, 16, 8192),
        organisation_quota_mb=reader.integer("ORGANISATION_QUOTA_MB", defaults.organisation_quota_mb, 1, 100_000),
        confirmation_days=reader.integer("CONFIRMATION_DAYS", defaults.confirmation_days, 7, 3650),
        log_json=reader.choice("LOG_FORMAT", "json" if environment == "production" else "text", ("json", "text"))
        == "json",
        sample_data=reader.flag("SAMPLE_DATA", environment == "development"),
    )
    if environment == "production":
        _check_production(settings, reader)
    if reader.problems:
        raise SettingsError(reader.problems)
    if not settings.secret_key:
        settings = Settings(**{**settings.__dict__, "secret_key": _kept_secret(var_dir)})
    return settings


def _check_production(settings: Settings, reader: _Reader) -> None:
    problems = reader.problems
    if len(settings.secret_key) < _MINIMUM_SECRET_LENGTH:
        problems.append(f"SECRET_KEY must be set and hold at least {_MINIMUM_SECRET_LENGTH} characters in production")
    if not settings.trusted_hosts:
        problems.append("TRUSTED_HOSTS must name the host(s) the site answers to in production")
    if not settings.is_https:
        problems.append("BASE_URL must start with https:// in production")
    static_dir = ROOT / "techmart/static"
    if static_dir in Path(settings.database_url.removeprefix("sqlite:///")).parents:
        problems.append("DATABASE_URL must not lie below the static folder")
    for name, directory in (("UPLOAD_DIR", settings.upload_dir), ("SEARCH_INDEX_DIR", settings.search_index_dir)):
        if directory == static_dir or static_dir in directory.parents:
            problems.append(f"{name} must not lie below the static folder")
    if reader.text("FLASK_DEBUG", os.environ.get("FLASK_DEBUG") or "0") != "0":
        problems.append("FLASK_DEBUG must be off in production")


def _kept_secret(var_dir: Path) -> str:
    """A secret made on this machine and kept between starts, so that a restart does not log everyone out."""
    path = var_dir / "secret_key"
    var_dir.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secret := secrets.token_urlsafe(48))
    return secret


class _Reader:
    """Collects problems instead of stopping at the first, so that an operator mends them in one go."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.problems: list[str] = []

    def text(self, name: str, default: str) -> str:
        return self.environ.get(name, "").strip() or default

    def words(self, name: str) -> tuple[str, ...]:
        return tuple(word.strip() for word in self.environ.get(name, "").split(",") if word.strip())

    def path(self, name: str, default: Path) -> Path:
        return Path(self.text(name, str(default))).expanduser().resolve()

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name, default)
        if value not in allowed:
            self.problems.append(f"{name} is {value!r}; allowed: {', '.join(allowed)}")
        return value

    def flag(self, name: str, default: bool) -> bool:
        return self.choice(name, "yes" if default else "no", ("yes", "no")) == "yes"

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        value = self.text(name, str(default))
        if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
            self.problems.append(f"{name} is {value!r}; allowed: a whole number from {low} to {high}")
            return default
        return int(value)

"""Techmart: an open, self-hosted technology market. `create_app` is the only place that knows all layers."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from config import Settings, load_settings
from techmart import cli, jobs, logs
from techmart.api import register_api
from techmart.db import after_commit_hooks, init_db
from techmart.extensions import babel, csrf, limiter, login_manager, migrate, migration_head
from techmart.search import glossary_store, service
from techmart.web import register_web
from techmart.web.catalogues import ready_catalogues
from techmart.web.i18n import select_locale

__all__ = ["create_app"]


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application from `settings` (default: read from the environment; raises SettingsError when they are bad)."""
    settings = settings or load_settings()
    app = Flask(__name__, static_folder="static", static_url_path="/static")
    _configure(app, settings)
    logs.init_app(app)
    init_db(app)
    _init_extensions(app)
    service.init_app(app)
    glossary_store.init_app(app)
    register_web(app)
    _trust_proxies(app, settings.trusted_proxy_count)
    register_api(app)
    jobs.init_app(app)
    cli.init_app(app)
    after_commit_hooks[:] = [jobs.nudge]
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.secret_key_fallbacks),
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={"connect_args": {"timeout": 15}}
        if settings.database_url.startswith("sqlite")
        else {"pool_pre_ping": True},
        MIGRATION_HEAD=migration_head(),
        TRUSTED_HOSTS=list(settings.trusted_hosts) or None,
        MAX_CONTENT_LENGTH=22 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        SESSION_COOKIE_NAME="__Host-techmart-form" if settings.is_https else "techmart-form",
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_DEFAULT_LOCALE="vi",
        BABEL_DEFAULT_TIMEZONE="Asia/Ho_Chi_Minh",
        BABEL_TRANSLATION_DIRECTORIES=str(ready_catalogues(settings.var_dir / "translations")),
        RATELIMIT_HEADERS_ENABLED=True,
        TESTING=settings.environment == "testing",
    )


def _trust_proxies(app: Flask, count: int) -> None:
    """Believe the last `count` entries of the forwarding headers, which our own proxies wrote, and nothing before them."""
    if count:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count)  # type: ignore[method-assign]  # WSGI middleware


def _init_extensions(app: Flask) -> None:
    migrate.init_app(app)
    login_manager.init_app(app)
    csrf.init_app(app)
    limiter.init_app(app)
    babel.init_app(app, locale_selector=select_locale)

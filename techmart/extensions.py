"""Extension objects, made once and bound to the application in the factory."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic.script import ScriptDirectory
from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_wtf import CSRFProtect

from techmart import models
from techmart.db import db

__all__ = ["babel", "csrf", "limiter", "login_manager", "migrate", "migration_head", "models"]

babel = Babel()
csrf = CSRFProtect()
login_manager = LoginManager()
migrate = Migrate(db=db, directory=str(Path(__file__).resolve().parent.parent / "migrations"), render_as_batch=True)


@cache
def migration_head() -> str | None:
    """What the database must be at for `/readyz`; None while two branches of migrations wait to be joined."""
    heads = ScriptDirectory(migrate.directory).get_heads()
    return heads[0] if len(heads) == 1 else None


# Coarse limits per process; what must hold across processes (logins, mails) is counted in the database.
limiter = Limiter(get_remote_address, storage_uri="memory://")

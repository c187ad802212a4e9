"""Extension objects, made once and bound to the application in the factory."""

from __future__ import annotations

from pathlib import Path

from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_wtf import CSRFProtect

from techmart import models
from techmart.db import db

__all__ = ["babel", "csrf", "limiter", "login_manager", "migrate", "models"]

babel = Babel()
csrf = CSRFProtect()
login_manager = LoginManager()
migrate = Migrate(db=db, directory=str(Path(__file__).resolve().parent.parent / "migrations"), render_as_batch=True)
# Coarse limits per process; what must hold across processes (logins, mails) is counted in the database.
limiter = Limiter(get_remote_address, storage_uri="memory://")

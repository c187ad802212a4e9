"""Alembic environment: the application's own engine and metadata, so that no second address is written down."""

from __future__ import annotations

from alembic import context
from flask import current_app

from techmart import models
from techmart.db import Base, db

assert models.__all__  # importing the package registers every table
target_metadata = Base.metadata


def _options() -> dict[str, object]:
    return {
        "target_metadata": target_metadata,
        "render_as_batch": True,
        "compare_type": True,
        "user_module_prefix": "techmart.db.",
    }


def _run_offline() -> None:
    context.configure(url=current_app.config["SQLALCHEMY_DATABASE_URI"], literal_binds=True, **_options())
    with context.begin_transaction():
        context.run_migrations()


def _run_online() -> None:
    with db.engine.execution_options(write=True).connect() as connection:
        context.configure(connection=connection, **_options())
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    _run_offline()
else:
    _run_online()

"""A load that was stopped goes on; a removal leaves nothing illustrative and nothing real behind or broken."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select

from techmart.db import db, unit_of_work
from techmart.models.account import User
from techmart.models.listing import Listing, ListingRevision
from techmart.models.organisation import Organisation
from techmart.operations import sample
from techmart.operations.sample import list_sample_accounts, load_sample, sample_is_wanted
from techmart.operations.sample_removal import remove_sample
from techmart.operations.sample_rows import read_listings
from tests import factories


class _StoppedError(Exception):
    pass


def _count(model: type[object]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_stopped_load_goes_on(app: Flask) -> None:
    def stop(done: int, total: int) -> None:
        raise _StoppedError

    with pytest.raises(_StoppedError):
        load_sample(stop)
    entered = _count(Listing)
    assert 0 < entered < len(read_listings())
    assert sample_is_wanted()
    steps: list[tuple[int, int]] = []
    assert load_sample(lambda done, total: steps.append((done, total))) == len(read_listings()) - entered
    assert steps[-1] == (len(read_listings()), len(read_listings()))
    assert not sample_is_wanted()


def test_it_is_not_wanted_where_somebody_works_already(app: Flask) -> None:
    assert sample_is_wanted()
    factories.user()
    assert not sample_is_wanted()


def test_production_gets_no_known_password(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], environment="production"))
    monkeypatch.setattr(sample, "read_listings", tuple)
    load_sample()
    assert _count(User) > 0
    assert list_sample_accounts() == []
    assert set(db.session.scalars(select(User.password_hash))) == {None}


def test_removal_keeps_what_is_real(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    first = tuple(row for row in read_listings() if row.revision or row.state != "published")
    monkeypatch.setattr(sample, "read_listings", lambda: first)
    load_sample()
    adopted = db.session.scalar(select(Organisation).where(Organisation.illustrative).limit(1))
    own = factories.offer(adopted)
    elsewhere = factories.demand()
    removal = remove_sample()
    assert removal.listings == len(first)
    assert set(db.session.scalars(select(Listing.id))) == {own.id, elsewhere.id}
    assert _count(ListingRevision) == 0
    kept = db.session.scalars(select(Organisation).order_by(Organisation.id)).all()
    assert {row.id for row in kept} == {adopted.id, elsewhere.organisation_id}
    assert not any(row.illustrative for row in kept)
    # The moderator verified the organisation that stays, so the account does too, but opens nothing.
    remaining = db.session.scalars(select(User)).all()
    assert [(user.is_active, user.password_hash, user.staff_role) for user in remaining] == [(False, None, None)]
    assert {adopted.name_vi, remaining[0].email} == set(removal.kept)
    assert list_sample_accounts() == []
    assert not sample_is_wanted()
    assert remove_sample().listings == 0


def test_removing_everything_does_not_bring_it_back(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "read_listings", lambda: read_listings()[:5])
    load_sample()
    remove_sample()
    assert (_count(User), _count(Listing), _count(Organisation)) == (0, 0, 0)
    assert not sample_is_wanted()
    with unit_of_work():
        pass  # the database still takes writes

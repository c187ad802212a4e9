"""`flask match`: one public pair in full and not a word of anything else; everything matched anew, telling nobody."""

from __future__ import annotations

import pytest
from flask import Flask

from techmart.db import db
from techmart.jobs import drain_outbox, match_workers
from techmart.jobs.match_run import match_all
from techmart.models.match import Match, MatchAlert, MatchedText
from techmart.rules.lifecycle import ListingState
from tests import factories as make


def test_a_pair_is_explained_with_points_that_add_up(app: Flask) -> None:
    demand = make.demand(make.organisation(kind="business"))
    offer = make.offer(make.organisation(), title="Dây chuyền sấy xoài bằng bơm nhiệt", trl=8)
    drain_outbox()
    result = app.test_cli_runner().invoke(args=["match", "explain", demand.code, offer.code])
    assert result.exit_code == 0, result.output
    head, *lines = result.output.splitlines()
    parts = [float(line.split()[1]) for line in lines if " of " in line]
    assert f"{sum(parts):g} of 100" in head
    assert "both say “" in result.output
    assert "trl agrees: 8, 7" in result.output


@pytest.mark.parametrize("state", [state for state in ListingState if state is not ListingState.PUBLISHED])
def test_what_is_not_public_is_unknown(app: Flask, state: ListingState) -> None:
    demand, offer = make.demand(make.organisation(kind="business")), make.offer(make.organisation(), state=state)
    result = app.test_cli_runner().invoke(args=["match", "explain", demand.code, offer.code])
    assert result.exit_code == (0 if offer.is_public else 2)
    assert offer.is_public or offer.title not in result.output


def test_a_company_is_there_only_as_long_as_it_agrees(app: Flask) -> None:
    company = make.organisation(kind="business", is_suggestable=False, capability="Sấy trái cây")
    offer = make.offer(make.organisation())
    result = app.test_cli_runner().invoke(args=["match", "explain", offer.code, company.slug])
    assert result.exit_code == 2
    assert app.test_cli_runner().invoke(args=["match", "explain", offer.code, "nobody"]).exit_code == 2
    assert app.test_cli_runner().invoke(args=["match", "explain", offer.code, offer.code]).exit_code == 2


def test_a_run_that_was_stopped_goes_on_and_tells_nobody(app: Flask) -> None:
    business, institute = make.organisation(kind="business"), make.organisation()
    make.member(business), make.member(institute)
    make.demand(business), make.offer(institute, title="Dây chuyền sấy xoài bằng bơm nhiệt", trl=8)
    make.offer(institute, state=ListingState.HIDDEN, title="Lò sấy xoài điện trở")
    drain_outbox()

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        match_all(stop)
    before = db.session.scalar(db.select(db.func.count()).select_from(MatchedText))
    result = app.test_cli_runner().invoke(args=["match", "run"])
    assert result.exit_code == 0, result.output
    assert "2 things matched, 0 failed" in result.output  # the offer and the company; the demand was done before
    db.session.rollback()
    assert before == 1
    rows = db.session.scalars(db.select(Match)).all()
    assert "wanted" in {row.side for row in rows}
    assert all(row.technology.is_public and row.score > 0 for row in rows)
    assert db.session.scalar(db.select(db.func.count()).select_from(MatchAlert)) == 0
    again = app.test_cli_runner().invoke(args=["match", "run"])
    assert "3 things matched, 0 failed" in again.output
    assert len(db.session.scalars(db.select(Match)).all()) == len(rows)


def test_several_processes_find_what_one_finds_one_by_one(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    business, institute = make.organisation(kind="business"), make.organisation()
    for title in ("Dây chuyền sấy xoài bằng bơm nhiệt", "Máy sấy xoài, tiết kiệm điện", "Robot hàn khung xe"):
        make.offer(institute, title=title, trl=8), make.demand(business, title=f"Cần {title.lower()}")
    drain_outbox()

    def matched(processes: int) -> list[tuple[object, ...]]:
        assert match_all(lambda done, total: None, processes=processes) == (7, 0)
        rows = db.session.scalars(db.select(Match)).all()
        found = [(row.side, row.demand_id, row.organisation_id, row.technology_id, row.score) for row in rows]
        db.session.execute(db.delete(Match))
        db.session.commit()
        return sorted(found, key=str)

    together = matched(2)
    assert {row[0] for row in together} == {"wanted", "offered"}
    monkeypatch.setattr(match_workers, "_BATCH", 1)
    assert matched(1) == together

"""`flask match explain`: one public pair in full, and not a word of anything else."""

from __future__ import annotations

import pytest
from flask import Flask

from techmart.jobs import drain_outbox
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

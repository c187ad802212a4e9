"""`flask match …`: one pair explained in full, and everything matched anew."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup

from techmart.cli.progress import progress_bar
from techmart.errors import NotFound
from techmart.jobs.match_run import match_all
from techmart.matching.match import Match, match_one
from techmart.matching.profile import profile_of
from techmart.operations.match_pair import find_public_pair, name_of
from techmart.operations.organisation_sources import sources_of
from techmart.rules.clock import local_today
from techmart.search.glossary_store import current_glossary
from techmart.search.service import current_engine

match = AppGroup("match", help="Matches of needs and technologies.")


@match.command("explain")
@click.argument("one")
@click.argument("other")
def explain(one: str, other: str) -> None:
    """Print the match of ONE with OTHER (codes of listings or slugs of organisations) as the owner of ONE sees it.

    Exit status 2 where either is unknown or not public, or where the two are no need and technology.
    """
    try:
        pair = find_public_pair(one, other)
    except NotFound:
        raise click.UsageError(f"{one} and {other} are no public need and technology.") from None
    profile = profile_of(pair.own, sources_of(pair.own))
    found = match_one(current_engine().snapshot(), profile, pair.other, current_glossary(), today=local_today())
    click.echo(f"{name_of(pair.own)} → {name_of(pair.other)}: {found.score.total:g} of 100")
    _print(found)


@match.command("run")
@click.option("--fresh", is_flag=True, help="Begin anew instead of going on with a run that was stopped.")
def run(fresh: bool) -> None:
    """Match everything public anew. Decisions on unchanged texts stay, and nobody is told of what is found.

    A run that was stopped goes on where it was. Exit status 1 where some things could not be matched.
    """
    with progress_bar("Matching") as advance:
        done, failed = match_all(advance, fresh=fresh)
    click.echo(f"{done} things matched, {failed} failed")
    sys.exit(1 if failed else 0)


def _print(found: Match) -> None:
    for name, points, most in found.score.parts:
        click.echo(f"  {name:10} {points:5.1f} of {most}")
    for row in found.phrases:
        through = f" → “{row.through}”" if row.through else ""
        click.echo(f"  both say “{row.phrase}”{through} ({', '.join(row.fields)} ↔ {', '.join(row.other_fields)})")
    for finding in found.score.findings:
        values = ", ".join(str(value) for value in finding.values)
        missing = f" (not said: {', '.join(finding.missing_on)})" if finding.missing_on else ""
        click.echo(f"  {finding.part} {finding.state}{': ' + values if values else ''}{missing}")

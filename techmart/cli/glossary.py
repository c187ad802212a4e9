"""`flask glossary …`: dictionaries the search translates with, beside the shipped terms and those of staff."""

from __future__ import annotations

import csv
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from techmart.cli.progress import progress_bar
from techmart.errors import NotFound
from techmart.exchange.dictionaries import dictionary_name, list_dictionaries, remove_dictionary, write_dictionary
from techmart.exchange.glossary_source import SourceRow, UnknownDictionary, count_rows, description_of, read_source
from techmart.exchange.stardict import NotAStarDict

glossary = AppGroup("glossary", help="Dictionaries the search translates with.")

_EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
_STEP = 1000


@glossary.command("import")
@click.argument("file", type=_EXISTING)
@click.option("--name", help="What it is called here; else the file's name. An older one of that name is replaced.")
@click.option("--licence", help="Terms of use, kept with the dictionary.")
def import_dictionary(file: Path, name: str | None, licence: str | None) -> None:
    """Import term pairs from FILE: .csv or .tsv with the columns vi, en[, domain], or a StarDict .ifo.

    A StarDict dictionary must be one from Vietnamese to English. Running web servers notice within seconds. The exit status is 1 when nothing could be used.
    """
    called = dictionary_name(name or file.stem)
    if not called:
        raise click.ClickException("Give a --name of letters, digits and hyphens")
    started = time.perf_counter()
    try:
        with progress_bar("Importing") as advance:
            rows = _counted(read_source(file), count_rows(file), advance)
            result = write_dictionary(_folder(), called, rows, source=description_of(file), licence=licence or "")
    except (UnknownDictionary, NotAStarDict, UnicodeDecodeError, csv.Error) as error:
        raise click.ClickException(f"{file.name}: {error!r}") from None
    for row in result.problems:
        click.echo(f"line {row.line}: {row.problem}: {row.entry.vietnamese} | {row.entry.english}"[:200], err=True)
    if result.refused > len(result.problems):
        click.echo(f"… and {result.refused - len(result.problems)} more", err=True)
    seconds = time.perf_counter() - started
    click.echo(f"{called}: {result.taken} terms, {result.repeated} repeated, {result.refused} refused, {seconds:.1f} s")
    if not licence:
        click.echo("No licence is noted; --licence says under which terms the dictionary may be used.", err=True)
    sys.exit(0 if result.taken else 1)


@glossary.command("list")
def list_all() -> None:
    """Name, number of terms, day of import, source and licence of each dictionary."""
    for row in list_dictionaries(_folder()):
        click.echo("\t".join((row.name, str(row.terms), row.imported, row.source, row.licence)))


@glossary.command("remove")
@click.argument("name")
def remove(name: str) -> None:
    """Delete the dictionary NAME."""
    try:
        remove_dictionary(_folder(), name)
    except NotFound:
        raise click.ClickException(f"No dictionary is called {name}") from None
    click.echo(f"Removed {name}")


def _folder() -> Path:
    folder: Path = current_app.config["SETTINGS"].glossary_dir
    return folder


def _counted(rows: Iterator[SourceRow], total: int, advance: Callable[[int, int], None]) -> Iterator[SourceRow]:
    for number, row in enumerate(rows, start=1):
        yield row
        if number % _STEP == 0:
            advance(number, total)

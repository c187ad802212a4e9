"""`flask import FILE`: offers, patents and demands in bulk."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from techmart.cli.progress import progress_bar
from techmart.exchange.mapping import BadRow, ColumnMapping, ImportRow
from techmart.exchange.rows import UnknownFormat, count_rows, read_rows
from techmart.jobs import drain_outbox
from techmart.operations.catalogue_import import ImportCounts, import_rows
from techmart.rules.policy import SYSTEM

_EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("import")
@click.argument("file", type=_EXISTING)
@click.option(
    "--kind", type=click.Choice(["offer", "patent", "demand"]), help="What every row is; else the row's `kind` says."
)
@click.option(
    "--mapping", "mapping_path", type=_EXISTING, help="JSON file: which of the file's columns feed which field."
)
@click.option("--errors", "errors_path", type=click.Path(dir_okay=False, path_type=Path), help="Where refused rows go.")
@click.option("--dry-run", is_flag=True, help="Read and check everything, store nothing.")
@with_appcontext
def import_file(
    file: Path, kind: str | None, mapping_path: Path | None, errors_path: Path | None, dry_run: bool
) -> None:
    """Import listings from FILE (.jsonl, .csv, .tsv; UTF-8).

    Rows are known by `source` and `id`, so a repeated import changes only what differs. Refused rows are written with
    their line and reason to FILE.errors.jsonl (or --errors), and the exit status is 1 when there are any.
    """
    errors_path = errors_path or current_app.config["SETTINGS"].var_dir / f"{file.name}.errors.jsonl"
    try:
        mapping = ColumnMapping.load(mapping_path)
        rows = _Rows(file, mapping, kind, errors_path)
        counts = _dry_run(rows) if dry_run else _import(rows)
    except (UnknownFormat, UnicodeDecodeError, json.JSONDecodeError, BadRow) as error:
        raise click.ClickException(f"{file.name}: {error!r}") from None
    finally_text = "would be stored" if dry_run else f"created, {counts.changed} changed, {counts.unchanged} unchanged"
    click.echo(f"{counts.created} {finally_text}, {rows.refused} refused")
    if rows.refused:
        click.echo(f"Refused rows: {errors_path}", err=True)
        sys.exit(1)


class _Rows:
    """The typed rows of a file; the refused ones go to a file of their own."""

    def __init__(self, path: Path, mapping: ColumnMapping, kind: str | None, errors_path: Path) -> None:
        self.path, self.mapping, self.kind, self.errors_path = path, mapping, kind, errors_path
        self.total = count_rows(path)
        self.refused = 0

    def __iter__(self) -> Iterator[ImportRow]:
        self.errors_path.parent.mkdir(parents=True, exist_ok=True)
        self.errors_path.unlink(missing_ok=True)
        for raw in read_rows(self.path):
            try:
                yield self.mapping.convert(raw, kind=self.kind)
            except BadRow as error:
                self.refused += 1
                with self.errors_path.open("a", encoding="utf-8") as file:
                    file.write(
                        json.dumps({"line": raw.line, "reason": str(error), "row": raw.values}, ensure_ascii=False)
                        + "\n"
                    )


def _dry_run(rows: _Rows) -> ImportCounts:
    counts = ImportCounts()
    with progress_bar("Checking") as advance:
        for _row in rows:
            counts.created += 1
            advance(counts.created + rows.refused, rows.total)
    return counts


def _import(rows: _Rows) -> ImportCounts:
    counts, done = ImportCounts(), 0
    with progress_bar("Importing") as advance:
        for size, batch in import_rows(SYSTEM, rows):
            counts, done = counts + batch, done + size
            advance(done + rows.refused, rows.total)
    click.echo("Indexing …", err=True)
    drain_outbox()
    return counts

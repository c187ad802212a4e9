#!/usr/bin/env bash
# Until the first release there is one migration: it is written anew from the models whenever they change.
set -euo pipefail
cd "$(dirname "$0")/.."
export TECHMART_ENV=testing VAR_DIR="$(mktemp -d)"
python="${PYTHON:-.venv/bin/python}"
rm -f migrations/versions/*.py
"$python" -m flask --app wsgi db migrate --rev-id 0001 -m initial >/dev/null
# Written on SQLite, which says 0 for false; PostgreSQL takes no number for a Boolean.
sed -i "s/sa\.Boolean(), server_default=sa\.text(['\"]0['\"])/sa.Boolean(), server_default=sa.false()/" migrations/versions/*.py
"$python" -m ruff format -q migrations/versions/*.py 2>/dev/null || true
rm -rf "$VAR_DIR"
ls migrations/versions/*.py

"""The child process that opens uploaded files: `python -m techmart.exchange.upload_worker`, started by `upload_jail`.

Standard input: JSON `{"path": …, "extension": …, "output": …}`. Standard output: JSON `{"ok": true}`, with the cleaned
picture at `output`, or `{"reason": …, "limit": …, "detail": …}`. It limits itself before it touches the file. Import
nothing here that knows the application: the child gets no settings, no secrets and no database.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from techmart.errors import UploadRefused
from techmart.exchange.upload_image import clean_image
from techmart.exchange.upload_office import MAIN_TYPES, check_office
from techmart.exchange.upload_pdf import check_pdf

MAXIMUM_MEMORY_BYTES = 512 * 1024 * 1024
MAXIMUM_CPU_SECONDS = 20
_MAXIMUM_OUTPUT_BYTES = 200 * 1024 * 1024


def limit_process() -> None:
    """From here on the kernel ends what takes too much."""
    for what, limit in (
        (resource.RLIMIT_AS, MAXIMUM_MEMORY_BYTES),
        (resource.RLIMIT_CPU, MAXIMUM_CPU_SECONDS),
        (resource.RLIMIT_FSIZE, _MAXIMUM_OUTPUT_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (limit, limit))


def examine(path: Path, extension: str, output: Path) -> None:
    """Check one file. Raises UploadRefused, or whatever a parser raises on a broken file."""
    content = path.read_bytes()
    if extension == "pdf":
        check_pdf(content)
    elif extension in MAIN_TYPES:
        check_office(content, extension)
    else:
        output.write_bytes(clean_image(content, extension))


def main() -> None:
    """Answer one request and end."""
    limit_process()
    request = json.load(sys.stdin)
    answer: dict[str, object] = {"ok": True}
    try:
        examine(Path(request["path"]), request["extension"], Path(request["output"]))
    except UploadRefused as refusal:
        answer = vars(refusal)
    except (MemoryError, RecursionError):
        answer = {"reason": "structure", "limit": None, "detail": "too_complex"}
    except Exception:  # outermost: parsers raise all sorts on broken input, and all of it means the same
        answer = {"reason": "structure", "limit": None, "detail": "damaged"}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()

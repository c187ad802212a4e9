"""What English words mean: vectors trained elsewhere on general text, in which words that are used alike lie in one direction.

WordLlama (Miller 2024, MIT licence): the token table of a large language model, trained further so that the sum of a text's
tokens says what the text is about. Two files of the installed package are read as data; its code, which can fetch models, is never loaded.
"""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

Array = NDArray[Any]
DIMENSIONS: Final = 256
_WEIGHTS: Final = "weights/l2_supercat_256.safetensors"
_PIECES: Final = "tokenizers/l2_supercat_tokenizer_config.json"


def vector_of(word: str) -> Array:
    """The vector of an English word or phrase, float32, by its pieces; the longer, the more it says. Every text has one."""
    pieces, table = _trained()
    vector: Array = table[pieces.encode(word, add_special_tokens=False).ids].astype(np.float32).sum(axis=0)
    return vector


@lru_cache(maxsize=1)
def _trained() -> tuple[Tokenizer, Array]:
    """The word pieces, and the vector of each: float16, mapped, so that processes share it."""
    folder = _folder()
    pieces = Tokenizer.from_file(str(folder / _PIECES))
    pieces.no_padding()
    pieces.no_truncation()
    return pieces, _mapped(folder / _WEIGHTS)


def _folder() -> Path:
    spec = find_spec("wordllama")
    assert spec is not None, "wordllama is in requirements.txt"
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0])


def _mapped(path: Path) -> Array:
    """The one tensor of a safetensors file: eight bytes with the length of its JSON head, the head, the numbers."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        head = json.loads(file.read(length))
    [tensor] = (value for name, value in head.items() if name != "__metadata__")
    assert tensor["dtype"] == "F16", path.name
    mapped = np.memmap(path, np.float16, "r", 8 + length + tensor["data_offsets"][0], tuple(tensor["shape"]))
    return mapped.view(np.ndarray)  # the same bytes, looked up several times faster

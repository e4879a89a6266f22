"""Identify the language of a text with py3langid's model."""

from __future__ import annotations

import contextlib
import lzma
import shutil
import tempfile
import zipfile
from array import array
from functools import cache
from pathlib import Path
from typing import Any

from crawler.filesystem.cache_folder import cache_folder


def detect_language(text: str) -> tuple[str, float]:
    """Return (language code, certainty from 0 to 1)."""
    code, certainty = _identifier().classify(text)
    return str(code), float(certainty)


@cache
def _identifier() -> Any:
    """The model, loaded for the first text. Unpacking it takes 0.5 s of CPU, so it is kept unpacked (68 MB) in the cache."""
    from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier

    packed = Path(MODEL_DIR) / MODEL_FILE
    unpacked = cache_folder("py3langid") / "model.npz"
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        if not unpacked.exists():
            _unpack(packed, unpacked)
        return LanguageIdentifier(**_parts(unpacked), norm_probs=True)
    # There is no usable cache folder, or the file in it is damaged.
    return LanguageIdentifier.from_model_file(packed, norm_probs=True)


def _unpack(packed: Path, unpacked: Path) -> None:
    unpacked.parent.mkdir(parents=True, exist_ok=True)
    # In a folder of its own and then renamed: other processes never see a part of it.
    with tempfile.TemporaryDirectory(dir=unpacked.parent) as folder:
        copy = Path(folder) / unpacked.name
        with lzma.open(packed) as source, copy.open("wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
        copy.replace(unpacked)


def _parts(unpacked: Path) -> dict[str, Any]:
    """The arguments of `LanguageIdentifier` from the arrays of the model (py3langid 0.3 and 0.4)."""
    import numpy as np

    with unpacked.open("rb") as file, np.load(file, allow_pickle=False) as data:
        nextmove, rows = data["nextmove"], data["nextmove_row"]
        return {
            "nb_ptc": data["ptc"],
            "nb_pc": data["pc"],
            "nb_classes": data["classes"].tolist(),
            "tk_nextmove": array(nextmove.dtype.char, nextmove.tobytes()),
            "tk_row": array(rows.dtype.char, rows.tobytes()),
            "tk_output": data["out_feat"].tolist(),
        }

"""Load the catalogue of an exercise from the trusted side of the course, once."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

import yaml

from grader.diagnosis.catalogue import Catalogue
from grader.errors import AssignmentError


@cache
def load_catalogue(reference: Path) -> Catalogue | None:
    """The catalogue `mistakes.py` of a reference folder, with the hints in other languages that lie beside it.

    Returns:
        None where there is none, as on a student's machine.

    Raises:
        AssignmentError: it cannot be imported, or a hint is missing.
    """
    path = reference / "mistakes.py"
    spec = importlib.util.spec_from_file_location(f"mistakes_of_{reference.name}", path)
    if not path.is_file() or spec is None or spec.loader is None:
        return None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        catalogue: Catalogue = module.CATALOGUE
        for translation in sorted(reference.glob("hints.*.yaml")):
            told = yaml.safe_load(translation.read_text(encoding="utf-8"))
            catalogue.translate(translation.suffixes[0][1:], told["hints"], told["principles"])
    except Exception as error:
        raise AssignmentError(f"{path}: cannot be used: {type(error).__name__}: {error}") from error
    return catalogue

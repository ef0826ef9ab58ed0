"""Where a Rasa project has its domain and data, by the rules of Rasa's own command line."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["DOMAINS", "default_domain", "yaml_files"]

#: Rasa reads the first that exists; a folder's files are merged.
DOMAINS = (Path("domain.yml"), Path("domain"))
_SUFFIXES = (".yml", ".yaml")


def default_domain(folder: Path) -> Path:
    """Return the domain of a project relative to its folder; ``domain.yml`` if there is none."""
    return next((path for path in DOMAINS if (folder / path).exists()), DOMAINS[0])


def yaml_files(path: Path) -> list[Path]:
    """Return the YAML files of a folder and its subfolders, in order; or the one file.

    Like Rasa, this follows symbolic links to folders.
    """
    if not path.is_dir():
        return [path]
    found = (Path(root, name) for root, _, names in os.walk(path, followlinks=True) for name in names)
    return sorted(file for file in found if file.suffix in _SUFFIXES and file.is_file())

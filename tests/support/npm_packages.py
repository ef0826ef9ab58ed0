"""The packages for React and Vue, as a team installs them: from the archives that ``npm pack`` makes."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from support.node import FRAMEWORKS, PACKAGES

__all__ = ["NAMES", "REACT_18", "link_libraries", "pack", "unpack"]

#: The folders of the packages.
NAMES = ("react", "vue")
#: Where the older React is, which the package supports too.
REACT_18 = FRAMEWORKS / "react-18"
_NPM_S = 120.0


def pack(name: str, folder: Path) -> Path:
    """Make a package's archive.

    Args:
        name: one of :data:`NAMES`.
        folder: where to put it.
    """
    npm = shutil.which("npm")
    assert npm, "packages from npm are here, but no npm"
    command = [
        npm,
        "pack",
        "--json",
        "--ignore-scripts",
        "--pack-destination",
        str(folder),
        str(PACKAGES / name),
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_NPM_S)
    assert done.returncode == 0, done.stderr
    answer: Any = json.loads(done.stdout)
    (made,) = answer.values() if isinstance(answer, dict) else answer
    return folder / str(made["filename"])


def unpack(archive: Path, project: Path) -> Path:
    """Install an archive into a project, like npm does; returns the package's folder there."""
    folder = project / "node_modules" / f"rasa-autoplay-{archive.name.split('-')[2]}"
    folder.mkdir(parents=True)
    with tarfile.open(archive) as opened:
        for member in opened.getmembers():
            target = folder / member.name.removeprefix("package/")
            content = opened.extractfile(member)
            assert content is not None
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.read())
    return folder


def link_libraries(project: Path, *places: Path, names: Sequence[str] | None = None) -> None:
    """Give a project the libraries that are installed elsewhere; those of a later place replace others.

    Args:
        project: the project's folder.
        places: folders that have ``node_modules``.
        names: the libraries; by default all.
    """
    modules = project / "node_modules"
    modules.mkdir(exist_ok=True)
    for place in places:
        for library in _libraries(place / "node_modules"):
            name = str(library.relative_to(place / "node_modules"))
            if names is not None and name not in names:
                continue
            target = modules / name
            target.parent.mkdir(exist_ok=True)
            if target.is_symlink():
                target.unlink()
            target.symlink_to(library)


def _libraries(modules: Path) -> Sequence[Path]:
    found = []
    for entry in sorted(modules.iterdir()):
        if entry.name.startswith("@"):
            found += sorted(entry.iterdir())
        elif not entry.name.startswith("."):
            found.append(entry)
    return found

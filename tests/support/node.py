"""Node.js, and the apps that are built with it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from support.missing import miss
from support.processes import ROOT

__all__ = ["FRAMEWORKS", "NEXTJS", "PACKAGES", "require_built_packages", "require_packages", "run_node"]

NEXTJS = ROOT / "example_bot" / "nextjs"
FRAMEWORKS = ROOT / "tests" / "browser" / "frameworks"
PACKAGES = ROOT / "packages"
_RUN_S = 240.0


def require_packages(folder: Path) -> None:
    """Require a folder's npm packages; without them, fail in CI and skip elsewhere."""
    if not (folder / "node_modules" / ".complete").exists():
        miss(
            f"The packages of {folder.relative_to(ROOT)} are missing: `make web-all` fetches them, with npm."
        )


def require_built_packages() -> None:
    """Require the packages for React and Vue; without them, fail in CI and skip elsewhere."""
    if not (PACKAGES / "node_modules" / ".built").exists():
        miss("The packages for React and Vue are not built: `make web` builds them, with npm.")


def run_node(arguments: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> str:
    """Run a Node.js program and return its output; if it fails, the test fails with it.

    Args:
        arguments: the program's path relative to the folder, and its arguments.
        folder: its working directory.
        environment: its whole environment; by default the test's own.
    """
    node = shutil.which("node")
    assert node, "packages from npm are here, but no Node.js"
    done = subprocess.run(
        [node, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=_RUN_S
    )
    if done.returncode != 0:
        pytest.fail(f"{' '.join(arguments)} failed:\n{done.stdout}{done.stderr}", pytrace=False)
    return done.stdout

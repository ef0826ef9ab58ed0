"""`make dist` builds a wheel and an sdist that anyone can install."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from support.processes import ROOT


@pytest.mark.slow
def test_builds_checks_and_installs_sdist_and_wheel(tmp_path: Path) -> None:
    """It fetches twine and the package's dependencies from the registry, like a user's pip."""
    out = tmp_path / "dist"
    command = [sys.executable, "scripts/make_dist.py", "--out", str(out)]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=500)
    assert made.returncode == 0, made.stdout + made.stderr
    assert made.stdout.count("PASSED") == 2, "twine checks both"
    assert "public names from" in made.stdout
    (wheel,) = out.glob("*.whl")
    (sdist,) = out.glob("*.tar.gz")
    assert wheel.name.split("-")[1] == sdist.name.split("-")[1].removesuffix(".tar.gz")
    with tarfile.open(sdist) as archive:
        names = archive.getnames()
    packed = {Path(name).relative_to(Path(name).parts[0]).as_posix() for name in names if "/" in name}
    assert {"README.md", "LICENSE", "pyproject.toml", "rasa_autoplay/py.typed"} <= packed
    assert not [name for name in packed if name.startswith(("docs/", "example_bot/"))]

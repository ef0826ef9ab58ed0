"""The built wheel contains exactly the whole package, and its root needs no Rasa."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

IMPORT_WITHOUT_RASA = """
import sys

class NoRasa:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("rasa", "rasa_sdk"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, NoRasa())
sys.path.insert(0, sys.argv[1])
import rasa_autoplay
for name in getattr(rasa_autoplay, "__all__", ()):
    getattr(rasa_autoplay, name)
print(rasa_autoplay.__file__)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a wheel from a copy, so that leftovers of an earlier build are not included."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in ("rasa_autoplay", "example_bot", "tests"):
        shutil.copytree(
            ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules", ".next")
        )
    build = [sys.executable, "-W", "ignore", "-m", "build", "--wheel", "--no-isolation", "--outdir", "dist"]
    done = subprocess.run([*build, "."], cwd=source, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = (source / "dist").glob("*.whl")
    return built


def _contents(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if not name.endswith("/")}


def test_contains_exactly_the_files_of_the_package(wheel: Path) -> None:
    source = wheel.parents[1]
    package = {
        str(file.relative_to(source)) for file in (source / "rasa_autoplay").rglob("*") if file.is_file()
    }
    assert "rasa_autoplay/py.typed" in package
    in_wheel = {name for name in _contents(wheel) if ".dist-info/" not in name}
    assert in_wheel == package, "pyproject.toml lists packages and package-data one by one"


def test_contains_the_licence(wheel: Path) -> None:
    assert any(".dist-info/" in name and name.endswith("LICENSE") for name in _contents(wheel))


def test_root_imports_without_rasa(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    command = [sys.executable, "-I", "-W", "ignore", "-c", IMPORT_WITHOUT_RASA, str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()) == tmp_path / "rasa_autoplay" / "__init__.py"

"""The archives of the packages for React and Vue: their content, and how Node.js and TypeScript read it."""

from __future__ import annotations

import json
import re
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.node import FRAMEWORKS, PACKAGES, require_built_packages, run_node
from support.npm_packages import NAMES, link_libraries, pack, unpack
from support.processes import ROOT

TYPES = ROOT / "rasa_autoplay" / "gateway" / "static" / "autoplay.d.ts"
USAGE = {"react": "react.tsx", "vue": "vue.ts"}


@pytest.fixture(scope="module", params=NAMES)
def installed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one of the packages, installed from its archive."""
    require_built_packages()
    project = tmp_path_factory.mktemp("project")
    link_libraries(project, PACKAGES)
    return unpack(pack(request.param, project), project)


def _name(installed: Path) -> str:
    return installed.name.rpartition("-")[2]


def _modules(name: str) -> Iterator[str]:
    for folder in (PACKAGES / "common", PACKAGES / name / "src"):
        yield from (file.stem for file in folder.iterdir())


def test_archive_holds_exactly_what_is_meant(tmp_path: Path) -> None:
    require_built_packages()
    for name in NAMES:
        built = {f"dist/{module}{ending}" for module in _modules(name) for ending in (".js", ".d.ts")}
        with tarfile.open(pack(name, tmp_path)) as archive:
            members = {member.removeprefix("package/") for member in archive.getnames()}
        assert members == {"package.json", "README.md", "LICENSE", "dist/autoplay.d.ts", *built}


def test_archive_has_the_version_and_licence_of_the_server(installed: Path) -> None:
    manifest = json.loads((installed / "package.json").read_text("utf-8"))
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    assert f'\nversion = "{manifest["version"]}"\n' in project
    assert (installed / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    assert "private" not in manifest
    assert "dependencies" not in manifest


def test_archive_has_the_types_that_the_server_serves(installed: Path) -> None:
    assert (installed / "dist" / "autoplay.d.ts").read_text("utf-8") == TYPES.read_text("utf-8")


def test_only_components_and_hooks_of_react_are_client_modules(installed: Path) -> None:
    marked = {
        file.stem for file in installed.glob("dist/*.js") if file.read_text().startswith('"use client";')
    }
    own = {file.stem for file in (PACKAGES / "react" / "src").iterdir()}
    assert marked == (own if _name(installed) == "react" else set())


def test_publint_finds_nothing(installed: Path) -> None:
    program = PACKAGES / "node_modules" / "publint" / "src" / "cli.js"
    said = run_node([str(program), "run", str(installed), "--strict", "--pack", "false"], installed)
    assert "All good" in said


def test_node_imports_it_without_a_browser(installed: Path) -> None:
    code = f"import('{installed.name}').then((it) => console.log(JSON.stringify(Object.keys(it).sort())))"
    names = json.loads(run_node(["--input-type=module", "--eval", code], installed.parents[1]))
    index = (installed / "dist" / "index.js").read_text("utf-8")
    exported = re.findall(r"^export \{ (.+) \} from", index, re.M)
    assert names == sorted(name for line in exported for name in line.split(", "))


@pytest.mark.parametrize(("module", "resolution"), [("esnext", "bundler"), ("nodenext", "nodenext")])
def test_types_accept_correct_use_and_reject_mistakes(installed: Path, module: str, resolution: str) -> None:
    project = installed.parents[1]
    (project / "package.json").write_text('{"type": "module"}')
    usage = USAGE[_name(installed)]
    shutil.copy(FRAMEWORKS / "types" / usage, project)
    options = [
        "--strict",
        "--noEmit",
        "--exactOptionalPropertyTypes",
        "--target",
        "es2022",
        "--jsx",
        "react-jsx",
    ]
    modules = ["--module", module, "--moduleResolution", resolution, "--lib", "es2020,dom"]
    run_node([str(PACKAGES / "node_modules/typescript/bin/tsc"), *options, *modules, usage], project)

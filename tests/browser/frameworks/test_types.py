"""The ES module's types, as a team's TypeScript sees them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.node import FRAMEWORKS, require_packages, run_node
from support.processes import ROOT

pytestmark = pytest.mark.slow


def test_types_accept_correct_use_and_reject_mistakes(tmp_path: Path) -> None:
    require_packages(FRAMEWORKS)
    (tmp_path / "node_modules").symlink_to(FRAMEWORKS / "node_modules")
    for file in (
        FRAMEWORKS / "types" / "usage.ts",
        ROOT / "rasa_autoplay" / "gateway" / "static" / "autoplay.d.ts",
    ):
        shutil.copy(file, tmp_path)
    options = ["--strict", "--noEmit", "--target", "es2022", "--module", "esnext"]
    resolution = ["--moduleResolution", "bundler", "--lib", "es2022,dom"]
    run_node(["node_modules/typescript/bin/tsc", *options, *resolution, "usage.ts"], tmp_path)

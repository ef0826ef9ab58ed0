"""The example of docs/does-it-help.md: its files, and its invented data."""

from __future__ import annotations

import asyncio
import importlib.util
import shutil
from pathlib import Path

from support.processes import ROOT

FOLDER = ROOT / "docs" / "does-it-help"


def make_example(folder: Path) -> Path:
    """Copy the example's files to a new folder, and write its database."""
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("*.db*"))
    specification = importlib.util.spec_from_file_location("example_data", FOLDER / "example_data.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    asyncio.run(module.write(folder))
    return folder

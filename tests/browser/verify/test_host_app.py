"""The example bot's golden paths fit its host app."""

from __future__ import annotations

import mimetypes
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from support.processes import ROOT

from browser.verify.pages import Answer, Request, served
from browser.verify.verifying import found_in, verify
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.settings.yaml_file import YamlFile

_APP = ROOT / "example_bot" / "host_app"
_FOLDERS = (ROOT / "example_bot" / "golden_paths", ROOT / "example_bot" / "demo" / "golden_paths")


def _answer(request: Request) -> Answer:
    """Serve a file of the app; any other address is one of its pages."""
    name = request.path.partition("?")[0].removeprefix("/demo/")
    file = _APP / name
    if not name or not file.is_file():
        if "." in name:
            return Answer(status=404)
        file = _APP / "index.html"
    kind = mimetypes.guess_type(file.name)[0] or "text/plain"
    return Answer(content=(kind, file.read_bytes()))


@pytest.mark.slow
@pytest.mark.parametrize("folder", _FOLDERS, ids=["bot", "demo"])
@pytest.mark.parametrize("finish", [False, True], ids=["checked", "finished"])
def test_finds_nothing_in_the_example(chromium: Browser, folder: Path, finish: bool) -> None:
    files = [YamlFile(file) for file in sorted(folder.glob("*.yml"))]
    paths = [(file, file.read(GoldenPath)) for file in files]
    with served(_answer) as origin:
        report = verify(chromium, f"{origin}/demo/", paths, finish=finish, timeout_s=5.0)
    assert found_in(report) == {}
    assert report.count("ok") == sum(len(path.steps) for _, path in paths)

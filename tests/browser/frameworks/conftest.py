"""The script's own browser and stand-in for the Rasa server, and apps with the packages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from browser.frameworks.built_apps import HOST, KINDS, Kind, build, serve
from browser.unit.conftest import Visitor, chromium, new_visitor, server, stand_in_loop, visitor

__all__ = ["OpenApp", "chromium", "new_visitor", "server", "stand_in_loop", "visitor"]

#: ``open_app(userId="u1")``: a tab with the app and these settings.
OpenApp = Callable[..., Page]


@pytest.fixture(scope="package", params=KINDS, ids=lambda kind: kind.name)
def built_app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The app in ``apps/`` of each framework, built once."""
    kind: Kind = request.param
    project = tmp_path_factory.mktemp(kind.name)
    name = kind.source.name
    return build(project, kind, {name: kind.source.read_text("utf-8")}, name)


@pytest.fixture
def open_app(built_app: Path, visitor: Visitor) -> OpenApp:
    """Open a tab with the app; without settings, it shows nothing yet."""

    def opened(host: str = HOST, policy: str = "", **settings: Any) -> Page:
        serve(visitor, built_app, host, policy)
        page = visitor.open()
        if settings:
            page.evaluate("(settings) => window.show(settings)", settings)
        return page

    return opened

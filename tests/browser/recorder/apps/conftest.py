"""Real gateways and engines, and one Chromium, for the apps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from support.background import BackgroundLoop
from support.chromium import require_libraries

from browser.recorder.apps.copilot import Copilot

_START_S = 60.0
expect.set_options(timeout=30_000)

#: ``open_copilot(origin, …)``: a gateway and an engine that an app at this origin may use.
OpenCopilot = Callable[..., Copilot]


@pytest.fixture
def open_copilot(background: BackgroundLoop, tmp_path: Path) -> Iterator[OpenCopilot]:
    """Start a gateway and an engine for an app; both end with the test."""
    require_libraries()
    with ExitStack() as stack:

        def opened(*origins: str, **channel: Any) -> Copilot:
            return stack.enter_context(_running(background, tmp_path / "engine", origins, channel))

        yield opened


@contextmanager
def _running(
    background: BackgroundLoop, folder: Path, origins: tuple[str, ...], channel: dict[str, Any]
) -> Iterator[Copilot]:
    made = Copilot.deployed(folder, origins, channel)
    deployment = background.run(made.__aenter__(), _START_S)
    try:
        yield Copilot(background, deployment, folder)
    finally:
        background.run(made.__aexit__(None, None, None), _START_S)

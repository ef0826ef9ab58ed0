"""All scenarios run on the background loop."""

from __future__ import annotations

import pytest
from support.background import BackgroundLoop


@pytest.fixture(autouse=True)
def _on_background(background: BackgroundLoop) -> None:
    """Async tests are run where their servers' stand-ins live."""

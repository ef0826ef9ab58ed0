"""The real browser of the benchmarks."""

from __future__ import annotations

import shutil

__all__ = ["ARGUMENTS", "chromium"]

ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # This process serves the page; otherwise the browser would treat it as another origin.
    "--disable-features=LocalNetworkAccessChecks",
)


def chromium() -> str:
    """Return the path of Chromium.

    Raises:
        RuntimeError: there is none.
    """
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        raise RuntimeError("There is no Chromium here: install the package chromium.")
    return path

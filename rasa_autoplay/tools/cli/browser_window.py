"""Opens a link in the browser of the person at the terminal."""

from __future__ import annotations

import os
import sys

__all__ = ["open_in_browser"]


def open_in_browser(link: str) -> bool:
    """Open a browser with a window; return False if there is none.

    A browser in the terminal cannot run the page.
    """
    import webbrowser

    has_screen = sys.platform in ("darwin", "win32") or any(
        map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY"))
    )
    if not has_screen and not os.environ.get("BROWSER"):
        return False
    try:
        return webbrowser.open(link)
    except webbrowser.Error:
        return False

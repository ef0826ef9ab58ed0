"""The browser and the stand-in for the Rasa server, shared with the script's own tests."""

from browser.unit.conftest import chromium, new_visitor, server, stand_in_loop, visitor

__all__ = ["chromium", "new_visitor", "server", "stand_in_loop", "visitor"]

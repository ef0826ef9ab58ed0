"""The studio's scripts stay small, so that the page is there at once."""

from __future__ import annotations

import gzip

from rasa_autoplay.gateway.routes.studio import STATIC

_MOST_BYTES = 60 * 1024


def test_all_scripts_together_have_at_most_60_kb() -> None:
    sizes = {
        file.relative_to(STATIC).as_posix(): len(gzip.compress(file.read_bytes(), 9, mtime=0))
        for file in STATIC.rglob("*.js")
    }
    assert "main.js" in sizes
    assert sum(sizes.values()) <= _MOST_BYTES, sorted(sizes.items(), key=lambda item: -item[1])

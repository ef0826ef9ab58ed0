"""The studio's scripts stay small, so that the page is there at once."""

from __future__ import annotations

import gzip

from rasa_autoplay.gateway.routes.studio import read_studio_file, studio_paths

_MOST_BYTES = 60 * 1024


def test_all_scripts_together_have_at_most_60_kb() -> None:
    sizes = {
        name: len(gzip.compress(read_studio_file(file), 9, mtime=0))
        for name, file in studio_paths()
        if file.suffix == ".js" and not name.startswith("product/")  # the preview's, which users' pages load
    }
    assert "main.js" in sizes
    assert sum(sizes.values()) <= _MOST_BYTES, sorted(sizes.items(), key=lambda item: -item[1])

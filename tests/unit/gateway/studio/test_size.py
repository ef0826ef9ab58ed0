"""The studio's scripts stay small, so that the page is there at once."""

from __future__ import annotations

import gzip

from rasa_autoplay.gateway.routes.studio import studio_contents

_MOST_BYTES = 60 * 1024
#: Browsers get each script compressed by itself, which takes more.
_MOST_ONE_BY_ONE_BYTES = 60 * 1024


def scripts() -> dict[str, bytes]:
    return {
        name: content
        for name, content in studio_contents().items()
        if name.endswith(".js") and not name.startswith("product/")  # the preview's, which users' pages load
    }


def test_all_scripts_together_have_at_most_60_kb() -> None:
    assert "main.js" in scripts()
    assert len(gzip.compress(b"".join(scripts().values()), 9, mtime=0)) <= _MOST_BYTES


def test_compressed_one_by_one_they_have_no_more() -> None:
    sizes = {name: len(gzip.compress(script, 9, mtime=0)) for name, script in scripts().items()}
    assert sum(sizes.values()) <= _MOST_ONE_BY_ONE_BYTES, sorted(sizes.items(), key=lambda item: -item[1])


def test_a_screen_loads_a_part_of_them() -> None:
    sizes = {name: len(gzip.compress(script, 9, mtime=0)) for name, script in scripts().items()}
    frame = sum(size for name, size in sizes.items() if not name.startswith("screens/"))
    for screen in ("now", "session", "trigger", "path", "rule", "people"):
        own = sum(size for name, size in sizes.items() if name.startswith(f"screens/{screen}"))
        assert own > 0, screen
        assert frame + own <= 38 * 1024, (screen, frame, own)

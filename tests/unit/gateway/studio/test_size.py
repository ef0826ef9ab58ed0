"""The studio's scripts stay small, so that the page is there at once."""

from __future__ import annotations

import gzip

from rasa_autoplay.gateway.routes.studio import read_studio_file, studio_paths

_MOST_BYTES = 60 * 1024


def test_all_scripts_together_have_at_most_60_kb() -> None:
    files = sorted(STATIC.rglob("*.js"))
    assert STATIC / "main.js" in files
    joined = b"".join(file.read_bytes() for file in files)
    assert len(gzip.compress(joined, 9, mtime=0)) <= _MOST_BYTES


def test_no_screen_needs_more_than_45_kb() -> None:
    """Each script is compressed by itself, and a screen loads only the frame's and its own."""
    sizes = {file: len(gzip.compress(file.read_bytes(), 9, mtime=0)) for file in STATIC.rglob("*.js")}
    frame = sum(size for file, size in sizes.items() if file.parent == STATIC)
    screens = {file.stem.partition("_")[0].rstrip("s") for file in sizes if file.parent != STATIC}
    for screen in screens:
        own = sum(
            size for file, size in sizes.items() if file.parent != STATIC and file.stem.startswith(screen)
        )
        assert frame + own <= 45 * 1024, screen

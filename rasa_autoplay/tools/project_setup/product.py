"""Finds the product id in a project's files."""

from __future__ import annotations

from pathlib import Path

from rasa_autoplay.errors import AdoptionRefused, ConfigError
from rasa_autoplay.settings.channel import SECTION
from rasa_autoplay.settings.channels_file import channels_path, open_channels_file
from rasa_autoplay.tools.project_setup.project import RasaProject

__all__ = ["product_of"]


def product_of(project: RasaProject, wanted: str | None) -> str:
    """Return the product id that the files and the command line agree on.

    Args:
        project: may have a product id in ``autoplay.yml``, in ``credentials.yml``, in both or in neither.
        wanted: the product id from the command line; None if there is none.

    Raises:
        AdoptionRefused: the product ids differ, or a file is invalid.
    """
    channels = channels_path(project.folder)
    candidates = {
        "autoplay.yml": _value(project.folder / "autoplay.yml", ["product_id"]),
        channels.name: _value(channels, [SECTION, "product_id"]),
        "--product-id": wanted,
    }
    given = {place: product for place, product in candidates.items() if product}
    if len(set(given.values())) > 1:
        each = ", ".join(f"{place} has {product!r}" for place, product in given.items())
        raise AdoptionRefused(f"The product ids differ: {each}.", remedy="Make them the same.")
    return next(iter(given.values()), project.default_product_id)


def _value(path: Path, location: list[str]) -> str | None:
    if not path.exists() or not _has_content(path):
        return None
    try:
        value = open_channels_file(path).value_at(location)
    except ConfigError as problem:
        raise AdoptionRefused(str(problem)) from None
    return str(value) if value else None


def _has_content(path: Path) -> bool:
    """Whether a file has more than comments; a file of comments is not a mapping, but may be filled."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return True
    return any(line.strip() and not line.lstrip().startswith("#") for line in lines)

"""Of which app do a project's files speak?"""

from __future__ import annotations

from pathlib import Path

from rasa_autoplay.errors import AdoptionRefused, ConfigError
from rasa_autoplay.settings.channel import SECTION
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.project_setup.project import RasaProject

__all__ = ["product_of"]


def product_of(project: RasaProject, wanted: str | None) -> str:
    """The product id that all say.

    Args:
        project: may say it in ``autoplay.yml``, in ``credentials.yml``, in both or nowhere.
        wanted: what the command line says.

    Raises:
        AdoptionRefused: they disagree, or a file is broken.
    """
    said = {
        "autoplay.yml": _value(project.folder / "autoplay.yml", ["product_id"]),
        "credentials.yml": _value(project.folder / "credentials.yml", [SECTION, "product_id"]),
        "--product-id": wanted,
    }
    told = {place: product for place, product in said.items() if product}
    if len(set(told.values())) > 1:
        each = ", ".join(f"{place} says {product!r}" for place, product in told.items())
        raise AdoptionRefused(
            f"Of which product is this the bot? {each}.", remedy="They must agree: change one of them."
        )
    return next(iter(told.values()), project.default_product_id)


def _value(path: Path, location: list[str]) -> str | None:
    if not path.exists() or not _says_something(path):
        return None
    try:
        value = YamlFile(path).value_at(location)
    except ConfigError as problem:
        raise AdoptionRefused(str(problem)) from None
    return str(value) if value else None


def _says_something(path: Path) -> bool:
    """A file of comments only is no mapping, and may be filled."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return True
    return any(line.strip() and not line.lstrip().startswith("#") for line in lines)

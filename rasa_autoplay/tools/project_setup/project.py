"""Finds the parts of a Rasa project."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from rasa_autoplay.errors import AdoptionRefused
from rasa_autoplay.settings.assistant_kind import AssistantKind, assistant_kind, needs_engine_in_process
from rasa_autoplay.tools.project_setup.edit import Edit
from rasa_autoplay.tools.validation.project_files import DOMAINS, yaml_files

__all__ = ["RasaProject", "find_project"]


@dataclass(frozen=True)
class RasaProject:
    """A Rasa project's folder, and the paths in it, relative to the folder.

    Attributes:
        folder: the project's folder.
        domain: the domain's file or folder.
        data: the folder of the training data.
        actions: the file to add the import to; it need not exist.
        kind: what decides the assistant's next step.
        engine_in_process: whether the engine will run in the Rasa server.
    """

    folder: Path
    domain: Path
    data: Path
    actions: Path
    kind: AssistantKind = AssistantKind.RULES
    engine_in_process: bool = False

    def edit(self, path: Path) -> Edit:
        """Begin to edit a file that exists, or to create one.

        Raises:
            AdoptionRefused: the file exists but cannot be read.
        """
        file = self.folder / path
        if not file.exists():
            return Edit(path, None)
        try:
            return Edit(path, file.read_bytes().decode("utf-8"))
        except OSError as problem:
            raise AdoptionRefused(f"{path}: cannot be read: {problem.strerror}.") from None
        except UnicodeDecodeError:
            raise AdoptionRefused(f"{path}: cannot be read: it is not UTF-8.") from None

    def files(self, path: Path) -> list[Path]:
        """Return the YAML files of a folder, or the one file."""
        return [file.relative_to(self.folder) for file in yaml_files(self.folder / path)]

    @property
    def default_product_id(self) -> str:
        """The folder's name with URL-safe characters only."""
        return re.sub(r"[^a-z0-9]+", "-", self.folder.resolve().name.lower()).strip("-") or "my-app"


def find_project(folder: Path, domain: Path | None, data: Path, actions: str) -> RasaProject:
    """Find the parts of the project in a folder.

    Args:
        folder: the project's folder.
        domain: the domain's file or folder. If None: ``domain.yml``, else ``domain``.
        data: the folder of the training data.
        actions: the dotted name of the actions module, as for ``rasa run actions --actions``.

    Raises:
        AdoptionRefused: the folder is not a Rasa project.
    """
    kind = assistant_kind(folder)
    if kind is AssistantKind.MANTLE:  # it has neither a domain nor training data nor actions
        return RasaProject(folder, Path("domain.yml"), data, Path("actions.py"), kind, True)
    candidates = [domain] if domain else list(DOMAINS)
    found = next((path for path in candidates if (folder / path).exists()), None)
    if found is None and not (folder / "config.yml").is_file():
        raise AdoptionRefused(
            f"{folder.resolve()} is not a Rasa project: it has neither config.yml nor a domain.",
            remedy="Go to the project's folder, or create a project with `rasa init`.",
        )
    if found is None:
        raise AdoptionRefused(
            f"There is no {' or '.join(map(str, candidates))} here.",
            remedy="Name the domain with --domain PATH.",
        )
    if not (folder / data).is_dir():
        raise AdoptionRefused(
            f"There is no folder {data} here.",
            remedy="Name the folder of the training data with --data FOLDER.",
        )
    in_process = needs_engine_in_process(folder)
    return RasaProject(folder, found, data, _actions_file(folder, actions), kind, in_process)


def _actions_file(folder: Path, module: str) -> Path:
    if not all(part.isidentifier() for part in module.split(".")):
        raise AdoptionRefused(
            f"--actions: {module!r} is not a module name.", remedy="Write a dotted name, such as actions."
        )
    place = Path(*module.split("."))
    return place / "__init__.py" if (folder / place).is_dir() else place.with_suffix(".py")

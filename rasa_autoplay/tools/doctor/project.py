"""A project's files as the checks see them: as far as they can be read."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import TaggedScalar
from ruamel.yaml.error import YAMLError

from rasa_autoplay.settings.channel import SECTION
from rasa_autoplay.tools.validation.rasa_files import CHATS

__all__ = ["Project", "read_project"]

_PAGES = (".html", ".htm", ".js", ".mjs", ".ts", ".jsx", ".tsx", ".vue", ".svelte", ".css", ".scss")
_NOT_THEIRS = {"node_modules", ".next", "dist", "build", "vendor"}
_LONGEST_PAGE = 500_000
_VARIABLE = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True)
class Project:
    """What there is to look at.

    Attributes:
        folder: of the project.
        python: of this environment: major and minor version.
        packages: versions of what is installed here, by name.
        environment: variables.
        credentials: of ``credentials.yml``, variables not filled in; empty where it cannot be read.
        endpoints: of ``endpoints.yml``, likewise.
        engine: of ``autoplay.yml``, likewise.
        domain: its file or folder.
        data: the folder of the training data.
        actions: the actions module, as the rasa command takes it.
        pages: texts of the host app's pages, by path.
        max_descriptors: how many a process may open here at most; 0 for any number.
    """

    folder: Path
    python: tuple[int, int]
    packages: Mapping[str, str]
    environment: Mapping[str, str]
    credentials: Mapping[str, Any]
    endpoints: Mapping[str, Any]
    engine: Mapping[str, Any]
    domain: Path
    data: Path
    actions: str = "actions"
    pages: Mapping[str, str] = field(default_factory=dict)
    max_descriptors: int = 0

    def expanded(self, text: str) -> str:
        """A text with its variables filled in, as Rasa does; empty where one of them is not set here."""
        names = _VARIABLE.findall(text)
        if any(name not in self.environment for name in names):
            return ""
        return _VARIABLE.sub(lambda match: self.environment[match.group(1)], text)

    @property
    def channel(self) -> Mapping[str, Any]:
        """The copilot's section of the credentials."""
        return _mapping(self.credentials.get(SECTION))

    @property
    def chat(self) -> tuple[str, Mapping[str, Any]] | None:
        """The chat channel's name and section; None where there is none."""
        name = next((name for name in CHATS if name in self.credentials), None)
        return (name, _mapping(self.credentials[name])) if name else None

    @property
    def link(self) -> Mapping[str, Any]:
        """What the channel says of its link to the engine; empty where nothing is said."""
        return _mapping(self.channel.get("link"))

    @property
    def rasa_redis(self) -> str:
        """The Redis that the Rasa server names; empty where it works with one action server alone."""
        return str(_mapping(self.channel.get("shared")).get("redis") or "")

    @property
    def engine_redis(self) -> str:
        """The Redis that the action server names; empty where it works alone."""
        return str(_mapping(self.engine.get("shared")).get("redis") or "")

    @property
    def database(self) -> Mapping[str, Any]:
        """The engine's database; empty where nothing is said."""
        return _mapping(self.engine.get("database"))

    @property
    def is_scaled_out(self) -> bool:
        """Whether several servers can work together."""
        return bool(self.rasa_redis and self.engine_redis)

    @property
    def action_endpoint(self) -> str:
        """The action server's address; empty where none is given."""
        return str(self.endpoint("action_endpoint").get("url") or "")

    def endpoint(self, name: str) -> Mapping[str, Any]:
        """A section of ``endpoints.yml``; empty where there is none."""
        return _mapping(self.endpoints.get(name))

    def texts(self, path: Path) -> dict[str, Mapping[str, Any]]:
        """The YAML files of a folder, or the one file, by path; those that can be read."""
        place = self.folder / path
        files = sorted(place.rglob("*.y*ml")) if place.is_dir() else [place]
        return {file.relative_to(self.folder).as_posix(): read_yaml(file) for file in files}


def read_project(
    folder: Path,
    *,
    python: tuple[int, int],
    packages: Mapping[str, str],
    environment: Mapping[str, str],
    domain: Path | None = None,
    data: Path = Path("data"),
    actions: str | None = None,
    page: Path | None = None,
    max_descriptors: int = 0,
) -> Project:
    """Read what the checks look at.

    Args:
        folder: of the project.
        python: this environment's version.
        packages: what is installed here.
        environment: variables.
        domain: its file or folder; ``domain.yml``, else ``domain``, when None.
        data: the folder of the training data.
        actions: the actions module; ``actions``, or the only one in a folder of the project's, when None.
        page: a page of the host app's, or a folder of them; the demo page's folder when None.
        max_descriptors: how many a process may open here at most; 0 for any number.
    """
    credentials = read_yaml(folder / "credentials.yml")
    demo_page = _mapping(credentials.get(SECTION)).get("demo_page")
    pages = page or (Path(demo_page) if isinstance(demo_page, str) else None)
    single_domain = (folder / "domain.yml").exists() or not (folder / "domain").is_dir()
    return Project(
        folder=folder,
        python=python,
        packages=packages,
        environment=environment,
        credentials=credentials,
        endpoints=read_yaml(folder / "endpoints.yml"),
        engine=read_yaml(folder / environment.get("AUTOPLAY_CONFIG", "autoplay.yml")),
        domain=domain or Path("domain.yml" if single_domain else "domain"),
        data=data,
        actions=actions or _actions_in(folder),
        pages=_read_pages(folder / pages) if pages else {},
        max_descriptors=max_descriptors,
    )


def _actions_in(folder: Path) -> str:
    """The module that `rasa run actions` would take, or the one that it must be told of."""
    if _is_module(folder / "actions"):
        return "actions"
    inner = [
        each
        for each in sorted(folder.glob("*/"))
        if each.name != "rasa_autoplay" and _is_module(each / "actions")
    ]
    return f"{inner[0].name}.actions" if len(inner) == 1 else "actions"


def _is_module(path: Path) -> bool:
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def read_yaml(file: Path) -> Mapping[str, Any]:
    """A file's mapping; empty where there is none. What is wrong with it, the check of the files tells."""
    with contextlib.suppress(OSError, UnicodeDecodeError, YAMLError):
        return _mapping(_plain(YAML().load(file.read_text(encoding="utf-8"))))
    return {}


def _plain(node: Any) -> Any:
    """Plain Python, with variables as they stand."""
    if isinstance(node, Mapping):
        return {key: _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    # Where rasa is imported, it has taught ruamel.yaml to mark texts with a ${VAR} in them.
    if isinstance(node, TaggedScalar):
        return str(node.value)
    return str(node) if isinstance(node, str) else node


def _read_pages(place: Path) -> dict[str, str]:
    files = sorted(place.rglob("*")) if place.is_dir() else [place]
    pages = {}
    for file in files:
        theirs = not _NOT_THEIRS & set(file.parts) and file.suffix in _PAGES
        if theirs and file.is_file() and file.stat().st_size < _LONGEST_PAGE:
            pages[file.name] = file.read_text(encoding="utf-8", errors="replace")
    return pages


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}

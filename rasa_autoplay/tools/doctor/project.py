"""Reads a project's files for the checks, as far as they can be read."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import TaggedScalar
from ruamel.yaml.error import YAMLError

from rasa_autoplay.link.http.endpoint import EngineEndpoint, action_server_endpoint, link_url_endpoint
from rasa_autoplay.settings.assistant_kind import AssistantKind, assistant_kind
from rasa_autoplay.settings.channel import SECTION
from rasa_autoplay.settings.channels_file import CHANNELS_KEY, channels_path
from rasa_autoplay.tools.validation.project_files import default_domain, yaml_files
from rasa_autoplay.tools.validation.rasa_files import CHATS

__all__ = ["Project", "read_project"]

_PAGES = (".html", ".htm", ".js", ".mjs", ".ts", ".jsx", ".tsx", ".vue", ".svelte", ".css", ".scss")
_SKIPPED_FOLDERS = {"node_modules", ".next", "dist", "build", "vendor"}
_MAX_PAGE_BYTES = 500_000
_VARIABLE = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True)
class Project:
    """The files and the environment that the checks examine.

    Attributes:
        folder: the project's folder.
        python: this environment's major and minor version.
        packages: the installed versions by package name.
        environment: the environment variables.
        credentials: the channels of ``credentials.yml``, or of Mantle's ``integrations.yml``, with their
            variables unexpanded; empty if they cannot be read.
        endpoints: ``endpoints.yml``, likewise.
        engine: ``autoplay.yml``, likewise.
        domain: the domain's file or folder.
        data: the folder of the training data.
        actions: the dotted name of the actions module.
        pages: the texts of the host app's pages, by file name.
        max_descriptors: how many descriptors a process may open here; 0 if unlimited.
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
        """Expand a text's variables as Rasa does; empty if one of them is not set here."""
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
        """The chat channel's name and section; None if there is no chat channel."""
        name = next((name for name in CHATS if name in self.credentials), None)
        return (name, _mapping(self.credentials[name])) if name else None

    @property
    def link(self) -> Mapping[str, Any]:
        """The channel's settings of its link to the engine; empty if there are none."""
        return _mapping(self.channel.get("link"))

    @property
    def kind(self) -> AssistantKind:
        """What decides the assistant's next step."""
        return assistant_kind(self.folder)

    @property
    def runs_engine_in_process(self) -> bool:
        """Whether the engine runs in the Rasa server."""
        return self.channel.get("engine") == "in_process"

    @property
    def engine_url(self) -> str:
        """The engine's address: that of ``link.url``, else the action server's; empty if there is none."""
        return str(self.link.get("url") or "") or self.action_endpoint

    @property
    def has_engine_server(self) -> bool:
        """Whether the engine runs by itself, and not in the action server."""
        return bool(self.link.get("url"))

    @property
    def rasa_redis(self) -> str:
        """The Rasa server's Redis address; empty if it does not use Redis."""
        return str(_mapping(self.channel.get("shared")).get("redis") or "")

    @property
    def engine_redis(self) -> str:
        """The action server's Redis address; empty if it does not use Redis."""
        return str(_mapping(self.engine.get("shared")).get("redis") or "")

    @property
    def database(self) -> Mapping[str, Any]:
        """The engine's database settings; empty if there are none."""
        return _mapping(self.engine.get("database"))

    @property
    def is_scaled_out(self) -> bool:
        """Whether both sides use Redis, so that several servers can work together."""
        return bool(self.rasa_redis and self.engine_redis)

    @property
    def action_endpoint(self) -> str:
        """The action server's address; empty if endpoints.yml has none."""
        return str(self.endpoint("action_endpoint").get("url") or "")

    def find_engine(self) -> EngineEndpoint | None:
        """Return where the gateway looks for the engine; None if no setting says so.

        Raises:
            EngineUnreachable: the setting cannot be used.
        """
        if url := self.link.get("url"):
            return self._beside_files(link_url_endpoint(str(url), str(self.link.get("cafile") or "")))
        section = self._expanded_values(self.endpoint("action_endpoint"))
        found = action_server_endpoint(SimpleNamespace(**{str(key): each for key, each in section.items()}))
        return found and self._beside_files(found)

    def _beside_files(self, endpoint: EngineEndpoint) -> EngineEndpoint:
        """A relative path is relative to the folder, in which ``rasa run`` works."""
        return replace(endpoint, ca_file=endpoint.ca_file and str(self.folder / endpoint.ca_file))

    def _expanded_values(self, section: Mapping[str, Any]) -> dict[str, Any]:
        return {
            key: self._expanded_values(value)
            if isinstance(value, Mapping)
            else (self.expanded(value) if isinstance(value, str) else value)
            for key, value in section.items()
        }

    def endpoint(self, name: str) -> Mapping[str, Any]:
        """Return a section of ``endpoints.yml``; empty if it is missing."""
        return _mapping(self.endpoints.get(name))

    def texts(self, path: Path) -> dict[str, Mapping[str, Any]]:
        """Return the content of a folder's YAML files, or of the one file, by path."""
        files = yaml_files(self.folder / path)
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
    """Read the files that the checks examine.

    Args:
        folder: the project's folder.
        python: this environment's major and minor version.
        packages: the installed versions by package name.
        environment: the environment variables.
        domain: the domain's file or folder. If None: ``domain.yml``, else ``domain``.
        data: the folder of the training data.
        actions: the dotted name of the actions module. If None: ``actions``, or the only such module in a
            subfolder.
        page: a page of the host app, or a folder of pages. If None: the demo page's folder.
        max_descriptors: how many descriptors a process may open here; 0 if unlimited.
    """
    credentials = _channels_in(folder)
    demo_page = _mapping(credentials.get(SECTION)).get("demo_page")
    pages = page or (Path(demo_page) if isinstance(demo_page, str) else None)
    return Project(
        folder=folder,
        python=python,
        packages=packages,
        environment=environment,
        credentials=credentials,
        endpoints=read_yaml(folder / "endpoints.yml"),
        engine=read_yaml(folder / environment.get("AUTOPLAY_CONFIG", "autoplay.yml")),
        domain=domain or default_domain(folder),
        data=data,
        actions=actions or _actions_in(folder),
        pages=_read_pages(folder / pages) if pages else {},
        max_descriptors=max_descriptors,
    )


def _channels_in(folder: Path) -> Mapping[str, Any]:
    """Return the channels with their variables unexpanded; empty if they cannot be read."""
    path = channels_path(folder)
    if path.name == "credentials.yml":
        return read_yaml(path)
    channels = _mapping(read_yaml(path).get(CHANNELS_KEY))
    return {name: options for name, options in channels.items() if _mapping(options).get("enabled", True)}


def _actions_in(folder: Path) -> str:
    """Find ``actions``, which `rasa run actions` uses by default, or else the only one in a subfolder."""
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
    """Return a file's mapping; empty if it cannot be read, which the check "files" reports."""
    with contextlib.suppress(OSError, UnicodeDecodeError, YAMLError):
        return _mapping(_plain(YAML().load(file.read_text(encoding="utf-8"))))
    return {}


def _plain(node: Any) -> Any:
    """Convert a YAML node to plain Python; variables stay unexpanded."""
    if isinstance(node, Mapping):
        return {key: _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    # If rasa is imported, it has made ruamel.yaml tag texts that contain ${VAR}.
    if isinstance(node, TaggedScalar):
        return str(node.value)
    return str(node) if isinstance(node, str) else node


def _read_pages(place: Path) -> dict[str, str]:
    files = sorted(place.rglob("*")) if place.is_dir() else [place]
    pages = {}
    for file in files:
        is_page = not _SKIPPED_FOLDERS & set(file.parts) and file.suffix in _PAGES
        if is_page and file.is_file() and file.stat().st_size < _MAX_PAGE_BYTES:
            pages[file.name] = file.read_text(encoding="utf-8", errors="replace")
    return pages


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}

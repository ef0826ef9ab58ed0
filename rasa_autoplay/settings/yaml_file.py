"""Reads a YAML file so that every error about it can name the line."""

from __future__ import annotations

import difflib
import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from ruamel.yaml import YAML
from ruamel.yaml.comments import TaggedScalar
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.error_collector import ErrorCollector
from rasa_autoplay.settings.misread import misread_texts
from rasa_autoplay.settings.models import PlacedError, Settings, ValidationError
from rasa_autoplay.settings.plain_errors import plain_encoding_error, plain_error, plain_yaml_error
from rasa_autoplay.settings.renamed import find_renamed
from rasa_autoplay.settings.texts import TextMistake

__all__ = ["YamlFile", "names_at", "nearest_name"]

_SettingsT = TypeVar("_SettingsT", bound=Settings)
_Location = Sequence["str | int"]
_VARIABLE = re.compile(r"\$\{(\w+)\}")


def nearest_name(name: object, allowed: Sequence[str]) -> str:
    """Return a hint for a misspelt name: ``; did you mean 'x'?``, or an empty string."""
    close = difflib.get_close_matches(str(name), allowed, n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""


class YamlFile:
    """A parsed YAML file that knows its line numbers.

    Args:
        path: the file. ``${VAR}`` in its values is replaced from the environment, as Rasa does.
        content: the file's content; None to read the file.

    Raises:
        ConfigError: the file is missing, unreadable, not YAML, or not a mapping.
    """

    def __init__(self, path: Path, content: bytes | None = None) -> None:
        self.path = path
        #: The file's content as it was read.
        self.content = b""
        self._tree = self._parse(content)

    def _parse(self, content: bytes | None) -> Any:
        try:
            content = self.path.read_bytes() if content is None else content
            text = content.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
        except OSError as problem:
            raise ConfigError(f"{self.path}: cannot be read: {problem.strerror}.") from None
        except UnicodeDecodeError as problem:
            raise ConfigError(f"{self.path.name}:{plain_encoding_error(problem)}") from None
        #: Shows whether the file has changed since it was read.
        self.digest = hashlib.sha256(content).digest()
        self.content = content
        try:
            tree = YAML().load(text)
        except MarkedYAMLError as problem:
            line = problem.problem_mark.line + 1 if problem.problem_mark else 1
            raise ConfigError(
                f"{self.path.name}:{line}: not valid YAML: {plain_yaml_error(problem)}."
            ) from None
        except YAMLError as problem:
            raise ConfigError(f"{self.path.name}: not valid YAML: {problem}.") from None
        if tree is None:
            raise ConfigError(f"{self.path.name}:1: the file is empty: it must be a mapping of settings.")
        if not isinstance(tree, Mapping):
            raise ConfigError(f"{self.path.name}:1: the file must be a mapping of settings.")
        return tree

    def data(self) -> dict[str, Any]:
        """Return the file as plain dicts, lists and scalars, with environment variables expanded.

        Raises:
            ConfigError: variables are not set; the message has one line for each.
        """
        collector = ErrorCollector()
        plain: dict[str, Any] = self._plain(self._tree, (), collector)
        collector.raise_any()
        return plain

    def raw(self) -> dict[str, Any]:
        """Return the file as plain dicts, lists and scalars, without expanding environment variables."""
        plain: dict[str, Any] = _unexpanded(self._tree)
        return plain

    def value_at(self, location: _Location) -> Any:
        """Return the value at a location, as in :meth:`data`; None if there is none.

        Raises:
            ConfigError: a variable in this value is not set.
        """
        node: Any = self._tree
        for step in location:
            node = node.get(step) if isinstance(node, Mapping) else None
        collector = ErrorCollector()
        value = self._plain(node, location, collector)
        collector.raise_any()
        return value

    def keys_at(self, location: _Location) -> list[str]:
        """Return the keys of the mapping at a location, in order; empty if there is no mapping."""
        node: Any = self._tree
        for step in location:
            node = node.get(step) if isinstance(node, Mapping) else None
        return [str(key) for key in node] if isinstance(node, Mapping) else []

    def _plain(self, node: Any, location: _Location, collector: ErrorCollector) -> Any:
        if isinstance(node, Mapping):
            return {str(k): self._plain(v, (*location, str(k)), collector) for k, v in node.items()}
        if isinstance(node, (list, tuple)):
            return [self._plain(v, (*location, i), collector) for i, v in enumerate(node)]
        if isinstance(node, TaggedScalar):
            # If rasa is imported, it has made ruamel.yaml tag texts that contain ${VAR}.
            node = node.value
        if isinstance(node, str):
            with collector:
                return self._expand(str(node), location)
        return node

    def _expand(self, text: str, location: _Location) -> str:
        def value_of(match: re.Match[str]) -> str:
            if match.group(1) not in os.environ:
                raise self.error(location, f"the environment variable {match.group(1)} is not set.")
            return os.environ[match.group(1)]

        return _VARIABLE.sub(value_of, text)

    def line_of(self, location: _Location) -> int:
        """Return the line (from 1) of the key or element at ``location``, or of its nearest parent."""
        node: Any = self._tree
        line = 1
        for step in location:
            try:
                lines: Any = node.lc
                position = lines.key(step) if isinstance(node, Mapping) else lines.item(step)
                node, line = node[step], position[0] + 1
            except (AttributeError, KeyError, IndexError, TypeError):
                break
        return line

    def error(self, location: _Location, message: str) -> ConfigError:
        """Build an error that begins with ``file:line: dotted.key:``."""
        key = ".".join(str(step) for step in location if step != "__root__")
        place = f"{self.path.name}:{self.line_of(location)}"
        return ConfigError(f"{place}: {key}: {message}" if key else f"{place}: {message}")

    def read(self, model: type[_SettingsT]) -> _SettingsT:
        """Validate the file against ``model``.

        Raises:
            ConfigError: the file is invalid; the message has one line for each error.
        """
        return self.read_as(model, self.data(), ())

    def read_as(self, model: type[_SettingsT], data: object, place: _Location) -> _SettingsT:
        """Validate a part of the file against ``model``.

        Args:
            model: the model of the part.
            data: the part's content.
            place: the part's location, for errors.

        Raises:
            ConfigError: the part is invalid; the message has one line for each error.
        """
        renamed = list(find_renamed(data, model.renamed))
        if renamed:
            old = [self.error((*place, *location), each.message).message for location, each in renamed]
            raise ConfigError("\n".join(old))
        misread = [
            self.error((*place, *location), f"YAML reads this as {kind}. For a text, write quotes.").message
            for location, kind in misread_texts(model, data)
        ]
        try:
            settings = model.parse_obj(data)
        except ValidationError as invalid:
            known = {str(each): each for each in _own_errors(invalid.raw_errors)}
            errors = [self._describe(model, problem, place, known) for problem in invalid.errors()]
            raise ConfigError("\n".join(misread + errors)) from None
        if misread:
            raise ConfigError("\n".join(misread))
        return settings

    def _describe(
        self,
        model: type[Settings],
        problem: Mapping[str, Any],
        place: _Location,
        known: Mapping[str, PlacedError | TextMistake],
    ) -> str:
        location = _location(problem["loc"], known.get(str(problem["msg"])))
        if problem["type"] == "value_error.extra":
            allowed = names_at(model, location[:-1])
            hint = nearest_name(location[-1], allowed)
            message = f"unknown key{hint or '.'} Allowed: {', '.join(allowed)}."
        else:
            message = plain_error(problem, names_at(model, location))
        return self.error((*place, *location), message).message


def _own_errors(raw_errors: Iterable[Any]) -> Iterator[PlacedError | TextMistake]:
    """Yield the errors that know their place better than pydantic does, also those in inner sections."""
    for each in raw_errors:
        if isinstance(each, Iterable):
            yield from _own_errors(each)
        elif isinstance(each.exc, ValidationError):
            yield from _own_errors(each.exc.raw_errors)
        elif isinstance(each.exc, (PlacedError, TextMistake)):
            yield each.exc


def _location(location: _Location, problem: PlacedError | TextMistake | None) -> tuple[str | int, ...]:
    if isinstance(problem, PlacedError):
        return problem.place
    return (*location, problem.key) if problem is not None and problem.key else tuple(location)


def _unexpanded(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {str(key): _unexpanded(value) for key, value in node.items()}
    if isinstance(node, (list, tuple)):
        return [_unexpanded(value) for value in node]
    if isinstance(node, TaggedScalar):
        node = node.value
    return str(node) if isinstance(node, str) else node


def names_at(model: type[Settings], location: _Location) -> list[str]:
    """Return the keys that the model allows at ``location``."""
    for step in location:
        if isinstance(step, int):
            continue
        field = next((each for each in model.__fields__.values() if each.alias == step), None)
        inner = field.type_ if field is not None else None
        if not (isinstance(inner, type) and issubclass(inner, Settings)):
            break
        model = inner
    return sorted(field.alias for field in model.__fields__.values())

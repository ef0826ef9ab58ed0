"""Joins each screen of the studio with the modules that only this screen uses: one small script for a screen.

The rules are those of the browser's scripts (see ``browser_script.py``): imports are on lines of their own,
and the top-level names of joined modules differ. A module that several screens use stays a file of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from rasa_autoplay.gateway.routes.browser_script import code_lines

__all__ = [
    "imports_in",
    "joined_script",
    "modules_in",
    "needed_modules",
    "screen_parts",
    "screen_scripts",
]

_IMPORT = re.compile(r'import \{ ([\w, ]+) \} from "([./\w]+)\.js";')
#: What the frame calls; a module with this line is a screen.
_SHOW = "export async function show("
_BESIDE = "./"


def screen_scripts(folder: Path) -> dict[str, str]:
    """Return the scripts to serve, by the file's name.

    Args:
        folder: has the screens and their modules.

    Raises:
        ValueError: a joined script would import two things under one name.
    """
    modules = modules_in(folder)
    parts = screen_parts(folder)
    joined = {name for names in parts.values() for name in names}
    scripts = {f"{screen}.js": joined_script(screen, names, modules) for screen, names in parts.items()}
    shared = {f"{name}.js": "\n".join(lines) for name, lines in modules.items() if name not in joined}
    return {**scripts, **shared}


def screen_parts(folder: Path) -> dict[str, list[str]]:
    """Return the modules that each screen's script is made of, the screen itself among them; see above."""
    modules = modules_in(folder)
    screens = [name for name, lines in modules.items() if any(line.startswith(_SHOW) for line in lines)]
    reached = {screen: list(needed_modules(screen, modules)) for screen in screens}
    users = {name: [screen for screen in screens if name in reached[screen]] for name in modules}
    return {
        screen: [name for name in reached[screen] if users[name] == [screen] or name == screen]
        for screen in screens
    }


def modules_in(folder: Path) -> dict[str, list[str]]:
    """Return the lines of code of a folder's modules, by their names."""
    return {file.stem: list(code_lines(file.read_text("utf-8"))) for file in sorted(folder.glob("*.js"))}


def needed_modules(
    name: str, modules: Mapping[str, list[str]], seen: set[str] | None = None
) -> Iterator[str]:
    """Yield the modules beside a module that it needs, each after those that it needs itself."""
    seen = set() if seen is None else seen
    seen.add(name)
    for _, source in imports_in(modules[name]):
        other = source.removeprefix(_BESIDE)
        if source.startswith(_BESIDE) and other not in seen:
            yield from needed_modules(other, modules, seen)
    yield name


def imports_in(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the names and the source of each import; the source has no ending."""
    return ((found[1], found[2]) for line in lines if (found := _IMPORT.fullmatch(line)))


def joined_script(screen: str, own: list[str], modules: Mapping[str, list[str]]) -> str:
    """Join modules that import from each other; only the last one keeps its exports.

    Args:
        screen: the module that keeps its exports.
        own: the modules to join, each after those that it needs; the screen is the last one.
        modules: the lines of all modules, by name.

    Raises:
        ValueError: it would import two things under one name.
    """
    imported: dict[str, tuple[str, str]] = {}
    code: list[str] = []
    for name in own:
        for names, source in imports_in(modules[name]):
            if source.removeprefix(_BESIDE) in own and source.startswith(_BESIDE):
                continue
            for each in names.split(", "):
                local = each.rpartition(" as ")[2]
                if imported.setdefault(local, (source, each)) != (source, each):
                    raise ValueError(f"{screen}.js imports two different {local}")
        lines = (line for line in modules[name] if not _IMPORT.fullmatch(line))
        code += lines if name == screen else (line.removeprefix("export ") for line in lines)
    sources: dict[str, list[str]] = {}
    for _, (source, each) in sorted(imported.items()):
        sources.setdefault(source, []).append(each)
    heads = [f'import {{ {", ".join(names)} }} from "{source}.js";' for source, names in sources.items()]
    return "\n".join([*heads, *code])

"""Joins the modules around the studio's screens into one script, which screens and lazy scripts import from.

A script is compressed by itself, and small ones compress badly: joined, these modules have 12 KB in place of
17 KB. The page also waits for one request in place of ten. The rules are those of ``screen_scripts.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rasa_autoplay.gateway.routes.screen_scripts import (
    imports_in,
    joined_script,
    modules_in,
    needed_modules,
    screen_scripts,
)

__all__ = ["frame_parts", "studio_scripts"]

_MAIN = "main"
_SCREENS = "screens"
_BESIDE, _ABOVE = "./", "../"


def studio_scripts(folder: Path) -> dict[str, str]:
    """Return the studio's scripts to serve, by the file's name relative to the folder.

    Args:
        folder: has ``main.js``, the other modules of the frame, and the screens' folder.

    Raises:
        ValueError: a joined script would import two things under one name.
    """
    modules = modules_in(folder)
    screens = {
        f"{_SCREENS}/{name}": script.split("\n") for name, script in screen_scripts(folder / _SCREENS).items()
    }
    own = frame_parts(folder)
    lazy = {f"{name}.js": lines for name, lines in modules.items() if name not in own}
    served = {
        **{name: _from_main(lines, _BESIDE, own) for name, lines in lazy.items()},
        **{name: _from_main(lines, _ABOVE, own) for name, lines in screens.items()},
    }
    used = {each.partition(" as ")[0] for names, _ in served.values() for each in names}
    scripts = {path: _with_import(path, names, lines) for path, (names, lines) in served.items()}
    return {f"{_MAIN}.js": _main(own, modules, used), **scripts}


def frame_parts(folder: Path) -> list[str]:
    """Return the modules that ``main.js`` is made of, each after those that it needs itself; see above."""
    screens = [script.split("\n") for script in screen_scripts(folder / _SCREENS).values()]
    wanted = {source for lines in screens for _, source in imports_in(lines) if source.startswith(_ABOVE)}
    modules = modules_in(folder)
    seen: set[str] = set()
    names = [*sorted(source.removeprefix(_ABOVE) for source in wanted), _MAIN]
    return [part for name in names if name not in seen for part in needed_modules(name, modules, seen)]


def _main(own: list[str], modules: Mapping[str, list[str]], used: set[str]) -> str:
    plain = {name: [line.removeprefix("export ") for line in modules[name]] for name in own}
    code = joined_script(_MAIN, own, plain)
    return f"{code}\nexport {{ {', '.join(sorted(used))} }};" if used else code


def _from_main(lines: list[str], prefix: str, own: list[str]) -> tuple[list[str], list[str]]:
    """Return what a script imports from the modules of the frame, and its other lines."""
    names: list[str] = []
    others: list[str] = []
    for line in lines:
        found = [
            names_of_one
            for names_of_one, source in imports_in([line])
            if source.startswith(prefix) and source.removeprefix(prefix) in own
        ]
        names += [each for one in found for each in one.split(", ")]
        others += [] if found else [line]
    return sorted(names), others


def _with_import(path: str, names: list[str], lines: list[str]) -> str:
    place = _ABOVE if "/" in path else _BESIDE
    head = [f'import {{ {", ".join(names)} }} from "{place}{_MAIN}.js";'] if names else []
    return "\n".join([*head, *lines])

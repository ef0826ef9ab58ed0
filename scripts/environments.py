"""The environments of this repository, by name.

`make venv ENV=NAME` builds one, `make constraints` resolves all. To add one, write its requirements to
`constraints/` and add a line to `ENVIRONMENTS`. Each environment has this package in editable form, without
its dependencies: the requirements file names those too (`-e .` stands for all of them). Environments can
share their files; the first of them has the oldest Python, for which the versions are resolved.
"""

import os
from typing import NamedTuple

from console import ROOT, SetupFailed


class Environment(NamedTuple):
    """One environment.

    Args:
        name: how `ENV=` names it.
        python: the version of its interpreter, as in "3.10".
        requirements: the file of what it needs, relative to the root.
        locked: the file of exact versions with hashes, relative to the root.
        folder: where it is, relative to the root.
        platform: uv's options that name the platforms for which the versions are resolved.
    """

    name: str
    python: str
    requirements: str
    locked: str
    folder: str
    platform: "tuple[str, ...]" = ("--universal",)

    @property
    def path(self) -> str:
        """The environment's folder, absolute."""
        return os.path.join(ROOT, self.folder)

    @property
    def interpreter(self) -> str:
        """The environment's own interpreter."""
        return os.path.join(self.path, "bin", "python")


def _old_rasa(name: str) -> Environment:
    """Return the environment of an older Rasa server, with the gateway; its engine runs in engine-3.12."""
    # These versions exist for Intel's processors only.
    return _named(name, "3.10", name)._replace(platform=("--python-platform", "x86_64-manylinux_2_28"))


def _named(name: str, python: str, requirements: str) -> Environment:
    """Return an environment in `.venvs/`; `requirements` is its file in `constraints/`, without `.in`."""
    file = "constraints/" + requirements
    return Environment(name, python, file + ".in", file + ".txt", ".venvs/" + name)


#: Both halves in one environment, and everything for development.
DEFAULT = Environment("rasa-3.6", "3.10", "constraints/rasa-3.6.in", "constraints.txt", ".venv")
ENVIRONMENTS = (
    DEFAULT,
    # The engine and the command line without Rasa, with the newest version of every library.
    _named("engine-3.11", "3.11", "engine"),
    _named("engine-3.12", "3.12", "engine"),
    _named("engine-3.13", "3.13", "engine"),
    # Rasa Pro's classes, the oldest and the newest supported; its server does not start without a licence.
    _named("rasa-pro-3.14", "3.12", "rasa-pro-3.14"),
    _named("rasa-pro-3.21", "3.12", "rasa-pro-3.21"),
    _old_rasa("rasa-3.6.0"),
    _old_rasa("rasa-3.5"),
    _old_rasa("rasa-3.4"),
    # What checks the files in deploy/.
    _named("containers", "3.12", "containers"),
)


def environment(name: str) -> Environment:
    """Return an environment by its name.

    Raises:
        SetupFailed: there is none of this name.
    """
    for each in ENVIRONMENTS:
        if each.name == name:
            return each
    known = ", ".join(each.name for each in ENVIRONMENTS)
    raise SetupFailed("ENV={} is no environment; there are {}".format(name, known))

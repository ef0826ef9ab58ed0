"""Finds a Python 3.10 that really runs. (Rasa 3.6 needs at most this version, this package at least.)

The name `python3.10` proves nothing: version managers put shims on PATH that exit with 127 if the version
behind them is missing or not selected. So every candidate is run before it is used.
"""

import glob
import os
from typing import Dict, Iterator, Optional

from console import VENV_PYTHON, SetupFailed, ask, run, say, timed

VERSION = "3.10"
REMEDY = (
    "no Python {0} runs here, and none could be fetched.\n"
    "Install one (any of: your distribution's python{0} with its -venv package; `pyenv install {0}`; "
    "`uv python install {0}`; conda), then name it:\n"
    "    make venv PYTHON=/path/to/python{0}"
).format(VERSION)
# Printed by the candidate itself: its version, and its real path behind shims and behind a virtual
# environment, because the active environment may be the one that is about to be rebuilt.
PROBE = """
import os, sys, ssl, sqlite3
version = "%d.%d" % sys.version_info[:2]
real = os.path.join(sys.base_prefix, "bin", "python" + version)
print(version)
print(sys.executable if sys.prefix == sys.base_prefix else real)
"""


def runs(candidate: str) -> Optional[str]:
    """Return the real path of a candidate that runs and has the right version, else None."""
    answer = ask([candidate, "-c", PROBE])
    lines = answer.splitlines() if answer else []
    return lines[1] if len(lines) == 2 and lines[0] == VERSION else None


def given() -> Optional[str]:
    """Return the interpreter that the user named in PYTHON, if it is suitable."""
    name = os.environ.get("PYTHON")
    if not name:
        return None
    found = runs(name)
    if found is None:
        say("PYTHON={} is not a Python {} that runs: looking for another".format(name, VERSION))
    return found


def _installed() -> Iterator[str]:
    yield "python" + VERSION
    yield "python3"
    pyenv_root = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    prefix = ask(["pyenv", "prefix", VERSION])
    prefixes = [prefix] if prefix else []
    prefixes += sorted(glob.glob(os.path.join(pyenv_root, "versions", VERSION + "*")), reverse=True)
    for folder in prefixes:
        yield os.path.join(folder, "bin", "python" + VERSION)
    for folder in ("/usr/bin", "/usr/local/bin", "/opt/python{}/bin".format(VERSION)):
        yield os.path.join(folder, "python" + VERSION)


def installed() -> Optional[str]:
    """Return a Python 3.10 of this machine, found without uv."""
    for candidate in _installed():
        found = runs(candidate)
        if found:
            return found
    return None


def in_venv() -> Optional[str]:
    """Return the environment's own interpreter, if it works."""
    return VENV_PYTHON if runs(VENV_PYTHON) else None


def _without_shims(env: Dict[str, str]) -> Dict[str, str]:
    # uv runs each python3.10 on PATH and stops at the first shim that fails.
    folders = [folder for folder in env.get("PATH", "").split(os.pathsep) if "shims" not in folder]
    return dict(env, PATH=os.pathsep.join(folders))


def _found_by_uv(uv: str, env: Dict[str, str]) -> Optional[str]:
    found = ask([uv, "python", "find", "--system", "--no-project", "--no-python-downloads", VERSION], env)
    return runs(found) if found else None


def from_uv(uv: str, env: Dict[str, str]) -> str:
    """Return a Python 3.10 that uv knows, or else downloads."""
    env = _without_shims(env)
    found = _found_by_uv(uv, env)
    if found:
        return found
    with timed("No Python {} here: fetching one with uv (about 30 MB)".format(VERSION)):
        try:
            run([uv, "python", "install", VERSION], env)
        except SetupFailed as error:
            say(str(error))
        found = _found_by_uv(uv, env)
    if not found:
        raise SetupFailed(REMEDY)
    return found

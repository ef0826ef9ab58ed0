"""Finds a Python of a given version that really runs.

The name `python3.12` proves nothing: version managers put shims on PATH that exit with 127 if the version
behind them is missing or not selected. So every candidate is run before it is used.
"""

import glob
import os
from typing import Dict, Iterator, Optional

from console import SetupFailed, ask, run, say, timed
from environments import Environment

REMEDY = (
    "no Python {0} runs here, and none could be fetched.\n"
    "Install one (any of: your distribution's python{0} with its -venv package; `pyenv install {0}`; "
    "`uv python install {0}`; conda), then name it:\n"
    "    make venv ENV={1} PYTHON=/path/to/python{0}"
)
# Printed by the candidate itself: its version, and its real path behind shims and behind a virtual
# environment, because the active environment may be the one that is about to be rebuilt.
PROBE = """
import os, sys, ssl, sqlite3
version = "%d.%d" % sys.version_info[:2]
real = os.path.join(sys.base_prefix, "bin", "python" + version)
print(version)
print(sys.executable if sys.prefix == sys.base_prefix else real)
"""


def runs(candidate: str, version: str) -> Optional[str]:
    """Return the real path of a candidate that runs and has the right version, else None."""
    answer = ask([candidate, "-c", PROBE])
    lines = answer.splitlines() if answer else []
    return lines[1] if len(lines) == 2 and lines[0] == version else None


def given(version: str) -> Optional[str]:
    """Return the interpreter that the user named in PYTHON, if it is suitable."""
    name = os.environ.get("PYTHON")
    if not name:
        return None
    found = runs(name, version)
    if found is None:
        say("PYTHON={} is not a Python {} that runs: looking for another".format(name, version))
    return found


def _candidates(version: str) -> Iterator[str]:
    yield "python" + version
    yield "python3"
    pyenv_root = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    prefix = ask(["pyenv", "prefix", version])
    prefixes = [prefix] if prefix else []
    prefixes += sorted(glob.glob(os.path.join(pyenv_root, "versions", version + "*")), reverse=True)
    for folder in prefixes:
        yield os.path.join(folder, "bin", "python" + version)
    for folder in ("/usr/bin", "/usr/local/bin", "/opt/python{}/bin".format(version)):
        yield os.path.join(folder, "python" + version)


def installed(version: str) -> Optional[str]:
    """Return a Python of this machine, found without uv."""
    for candidate in _candidates(version):
        found = runs(candidate, version)
        if found:
            return found
    return None


def _without_shims(env: Dict[str, str]) -> Dict[str, str]:
    # uv runs each python3.12 on PATH and stops at the first shim that fails.
    folders = [folder for folder in env.get("PATH", "").split(os.pathsep) if "shims" not in folder]
    return dict(env, PATH=os.pathsep.join(folders))


def _found_by_uv(uv: str, env: Dict[str, str], version: str) -> Optional[str]:
    found = ask([uv, "python", "find", "--system", "--no-project", "--no-python-downloads", version], env)
    return runs(found, version) if found else None


def from_uv(uv: str, env: Dict[str, str], wanted: Environment) -> str:
    """Return a Python for the environment that uv knows, or else downloads."""
    version = wanted.python
    env = _without_shims(env)
    found = _found_by_uv(uv, env, version)
    if found:
        return found
    with timed("No Python {} here: fetching one with uv (about 30 MB)".format(version)):
        try:
            run([uv, "python", "install", version], env)
        except SetupFailed as error:
            say(str(error))
        found = _found_by_uv(uv, env, version)
    if not found:
        raise SetupFailed(REMEDY.format(version, wanted.name))
    return found

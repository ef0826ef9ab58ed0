"""uv: found on PATH, else installed into .tools, with the user's pip settings."""

import os
import re
import shutil
import sys
from typing import Dict, List, Optional

from console import ROOT, SetupFailed, ask, run, say, timed

TOOLS = os.path.join(ROOT, ".tools")
OWN_UV = os.path.join(TOOLS, "bin", "uv")
OLDEST = (0, 4)
SYSTEM_PYTHON = "/usr/bin/python3"
REMEDY = (
    "uv could not be installed, because no Python on this machine has pip or venv.\n"
    "Install either (Debian, as root: apt-get install -y python3-pip python3-venv), or uv itself, "
    "and run make again."
)

# Users' settings for pip, and their names in uv. uv's own settings take precedence.
FROM_PIP = (
    ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", " ", ("UV_INDEX_URL",)),
    ("PIP_EXTRA_INDEX_URL", "UV_INDEX", " ", ("UV_EXTRA_INDEX_URL",)),
    ("PIP_FIND_LINKS", "UV_FIND_LINKS", ",", ()),
    ("PIP_TRUSTED_HOST", "UV_INSECURE_HOST", " ", ()),
    ("PIP_DEFAULT_TIMEOUT", "UV_HTTP_TIMEOUT", " ", ()),
    ("PIP_CERT", "SSL_CERT_FILE", " ", ()),
    ("PIP_PROXY", "ALL_PROXY", " ", ("HTTPS_PROXY", "https_proxy", "all_proxy")),
)


def environment() -> Dict[str, str]:
    """Return the environment for uv: the user's, with pip's settings translated."""
    env = dict(os.environ)
    for pip_name, uv_name, separator, older_names in FROM_PIP:
        value = env.get(pip_name, "").split()
        if value and not any(name in env for name in (uv_name, *older_names)):
            env[uv_name] = separator.join(value)
    if "UV_DEFAULT_INDEX" not in env and "UV_INDEX_URL" not in env:
        mirror = ask([sys.executable, "-m", "pip", "config", "get", "global.index-url"])
        if mirror:
            env["UV_DEFAULT_INDEX"] = mirror
    # pip treats all its indexes alike; uv by default uses the first that knows the name.
    if "PIP_EXTRA_INDEX_URL" in env:
        env.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    return env


def _works(uv: Optional[str]) -> bool:
    version = re.match(r"uv (\d+)\.(\d+)", (uv and ask([uv, "--version"])) or "")
    return version is not None and (int(version.group(1)), int(version.group(2))) >= OLDEST


def find() -> Optional[str]:
    """Return a uv that runs and is new enough: the user's, else our own."""
    for candidate in (shutil.which("uv"), os.path.expanduser("~/.local/bin/uv"), OWN_UV):
        if candidate and _works(candidate):
            return candidate
    return None


def _pip_install(python: str) -> bool:
    if ask([python, "-m", "pip", "--version"]) is None:
        return False
    # --target is allowed if the system's Python is "externally managed", and changes nothing of it.
    env = dict(os.environ, PIP_USER="0", PIP_REQUIRE_VIRTUALENV="0", PIP_DISABLE_PIP_VERSION_CHECK="1")
    command = ["-m", "pip", "install", "--quiet", "--upgrade", "--only-binary", ":all:", "--target", TOOLS]
    try:
        run([python, *command, "uv"], env, "installing uv with pip")
    except SetupFailed as error:
        say(str(error))
        return False
    return _works(OWN_UV)


def _pip_of_a_venv(python: str) -> Optional[str]:
    # A Python without pip often has ensurepip, which venv uses.
    folder = os.path.join(TOOLS, "bootstrap")
    ask([python, "-m", "venv", "--clear", folder])
    inner = os.path.join(folder, "bin", "python")
    return inner if ask([inner, "-m", "pip", "--version"]) else None


def _debian_packages() -> bool:
    apt = shutil.which("apt-get")
    if not apt or os.geteuid() != 0:
        return False
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    with timed("This Python has neither pip nor venv: installing Debian's python3-pip and python3-venv"):
        run([apt, "update", "-qq"], env, "apt-get update")
        packages = ["python3-pip", "python3-venv"]
        run([apt, "install", "-y", "-qq", "--no-install-recommends", *packages], env, "apt-get install")
    return True


def _install_with_any(pythons: List[str]) -> bool:
    if any(_pip_install(python) for python in pythons):
        return True
    inner_pythons = (_pip_of_a_venv(python) for python in pythons)
    return any(_pip_install(inner) for inner in inner_pythons if inner)


def install(pythons: List[str]) -> str:
    """Install uv into .tools with any of these Pythons that can, and return its path."""
    say("Installing uv into .tools")
    if _install_with_any(list(dict.fromkeys([*pythons, SYSTEM_PYTHON]))):
        return OWN_UV
    if _debian_packages() and _install_with_any([SYSTEM_PYTHON]):
        return OWN_UV
    raise SetupFailed(REMEDY)

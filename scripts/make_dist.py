"""Builds the wheel and the sdist, and checks both as a user would get them.

The wheel is built from the sdist, so a file that the sdist lacks is missing from the wheel too. twine checks
the metadata. Then the wheel is installed into an empty environment, its public names are imported there, and
its command is run.
"""

import argparse
import os
import shutil
import sys
import tempfile
from typing import Dict, List

import uv_tool
from console import ROOT, SetupFailed, exit_with_remedy, only_one, run, say, timed
from environments import DEFAULT

#: It needs a newer `packaging` than Rasa 3.6 allows, so uv runs it in an environment of its own.
TWINE = "twine==7.0.0"
#: Run in the empty environment: imports every public name from the installed package.
IMPORT = """
import pathlib, sys, rasa_autoplay
for name in rasa_autoplay.__all__:
    getattr(rasa_autoplay, name)
home = pathlib.Path(rasa_autoplay.__file__).resolve()
assert pathlib.Path(sys.prefix).resolve() in home.parents, home
print("imported", len(rasa_autoplay.__all__), "public names from", home.parent)
"""


def _build(out: str) -> List[str]:
    """Return the paths of the sdist and the wheel, the wheel built from the sdist."""
    command = [
        DEFAULT.interpreter,
        "-W",
        "ignore",
        "-m",
        "build",
        "--config-setting=--global-option=--quiet",
        "--no-isolation",
        "--outdir",
        out,
    ]
    with timed("Building the sdist, and the wheel from it"):
        run([*command, ROOT], what="the build")
    return sorted(os.path.join(out, name) for name in os.listdir(out))


def _check_metadata(uv: str, env: Dict[str, str], built: List[str]) -> None:
    say("Checking the metadata with twine")
    run([uv, "tool", "run", "--quiet", TWINE, "check", "--strict", *built], env, "twine check")


def _install(uv: str, env: Dict[str, str], wheel: str, folder: str) -> None:
    """Install the wheel into an empty environment, and use it there."""
    venv = os.path.join(folder, "empty")
    python = os.path.join(venv, "bin", "python")
    run([uv, "venv", "--quiet", "--no-project", "--python", DEFAULT.interpreter, venv], env, "uv venv")
    with timed("Installing the wheel into an empty environment"):
        run([uv, "pip", "install", "--quiet", "--python", python, wheel], env, "installing the wheel")
    run([python, "-I", "-c", IMPORT], env, "importing the public names")
    run([os.path.join(venv, "bin", "rasa-autoplay"), "--version"], env, "the command rasa-autoplay")


def make(out: str) -> None:
    """Build into `out`, replacing its content, and check the result.

    Raises:
        SetupFailed: a step failed.
    """
    uv = uv_tool.find() or uv_tool.install([sys.executable])
    env = uv_tool.environment()
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    with only_one("dist"):
        built = _build(out)
    _check_metadata(uv, env, built)
    (wheel,) = [path for path in built if path.endswith(".whl")]
    with tempfile.TemporaryDirectory() as folder:
        _install(uv, env, wheel, folder)
    say("Built and checked: " + ", ".join(os.path.basename(path) for path in built))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Build and check the wheel and the sdist.")
    parser.add_argument("--out", default=os.path.join(ROOT, "dist"), help="the folder, which is replaced")
    try:
        make(parser.parse_args().out)
    except SetupFailed as error:
        exit_with_remedy(error)

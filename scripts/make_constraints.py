"""Writes constraints.txt: every package of the Rasa 3.6 environment, resolved at once, with hashes.

One resolution, because a separate later install upgrades what Rasa pins (pytest alone upgrades packaging
beyond 20.9, and rasa no longer imports). Universal, so that one file serves x86-64 and ARM.
"""

import os
import sys

import interpreter
import uv_tool
from console import ROOT, SetupFailed, exit_with_remedy, run, timed

EXTRAS = ("rasa", "redis", "postgres", "dev")
OPTIONS = (
    "--universal",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--quiet",
    "--custom-compile-command",
    "make constraints",
)


def compile_all(arguments: "list[str]") -> None:
    """Resolve everything again (`--upgrade`), or else change only what pyproject.toml requires."""
    uv = uv_tool.find() or uv_tool.install([sys.executable])
    extras = [word for extra in EXTRAS for word in ("--extra", extra)]
    command = [uv, "pip", "compile", "pyproject.toml", *extras, *OPTIONS]
    command += ["--python-version", interpreter.VERSION, "--output-file", "constraints.txt", *arguments]
    # The versions must not depend on packages that one machine has cached beside the registry.
    env = {name: value for name, value in uv_tool.environment().items() if name != "UV_FIND_LINKS"}
    with timed("Resolving {}".format(os.path.join(ROOT, "pyproject.toml"))):
        run(command, env, "uv pip compile")


if __name__ == "__main__":
    try:
        compile_all(sys.argv[1:])
    except SetupFailed as error:
        exit_with_remedy(error)

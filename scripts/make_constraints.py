"""Writes the locked files: for each, every package of its environments, resolved at once, with hashes.

Most are universal: one file serves x86-64 and ARM, and every Python from the environment's own on.
"""

import sys
from typing import List

import uv_tool
from console import SetupFailed, exit_with_remedy, run, timed
from environments import ENVIRONMENTS, Environment

OPTIONS = (
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
    # The package itself has neither a version to lock nor a hash.
    "--no-emit-package",
    "rasa-autoplay",
    "--quiet",
    "--custom-compile-command",
    "make constraints",
)


def oldest_of_each_file() -> List[Environment]:
    """Return one environment for each locked file: the first, which has the oldest Python."""
    return list({each.locked: each for each in reversed(ENVIRONMENTS)}.values())[::-1]


def compile_all(arguments: "list[str]") -> None:
    """Resolve everything again (`--upgrade`), or else change only what the requirements demand."""
    uv = uv_tool.find() or uv_tool.install([sys.executable])
    # The versions must not depend on packages that one machine has cached beside the registry.
    env = {name: value for name, value in uv_tool.environment().items() if name != "UV_FIND_LINKS"}
    for each in oldest_of_each_file():
        command = [uv, "pip", "compile", each.requirements, *each.platform, *OPTIONS]
        command += ["--python-version", each.python, "--output-file", each.locked, *arguments]
        with timed("Resolving " + each.locked):
            run(command, env, "resolving " + each.requirements)


if __name__ == "__main__":
    try:
        compile_all(sys.argv[1:])
    except SetupFailed as error:
        exit_with_remedy(error)

"""Makes one environment: its Python, everything from its locked file, this package in editable form.

A stamp written last names the inputs for which the environment is complete, so a second run is free, and a
mark written first shows that an earlier run did not end, so a half-installed environment is rebuilt.
"""

import hashlib
import os
import shutil
import sys

import interpreter
import uv_tool
from console import ROOT, SetupFailed, exit_with_remedy, only_one, read_text, run, say, timed, write_whole
from environments import DEFAULT, Environment, environment


def stamp(wanted: Environment) -> str:
    """Return the path of the file that is written last."""
    return os.path.join(wanted.path, ".complete")


def unfinished(wanted: Environment) -> str:
    """Return the path of the file that exists while packages are installed."""
    return os.path.join(wanted.path, ".unfinished")


def fingerprint(wanted: Environment) -> str:
    """Return what the environment depends on, including its path: it cannot be moved or copied."""
    digest = hashlib.sha256(wanted.path.encode())
    for name in (wanted.locked, "pyproject.toml"):
        digest.update(read_text(os.path.join(ROOT, name)).encode())
    return digest.hexdigest()


def works(wanted: Environment) -> bool:
    """Return whether the environment's own interpreter runs and has the right version."""
    return interpreter.runs(wanted.interpreter, wanted.python) is not None


def complete(wanted: Environment) -> bool:
    """Return whether the environment runs and matches the current inputs exactly."""
    return read_text(stamp(wanted)) == fingerprint(wanted) and works(wanted)


def _forget_stamp(wanted: Environment) -> None:
    if os.path.exists(stamp(wanted)):
        os.remove(stamp(wanted))


def must_be_new(wanted: Environment, python: "str | None") -> bool:
    """Return whether the environment must be created afresh.

    Args:
        wanted: the environment.
        python: the interpreter that the user named, if any.
    """
    if os.path.exists(unfinished(wanted)) or not works(wanted):
        return True
    return python is not None and os.path.realpath(python) != os.path.realpath(wanted.interpreter)


def _create(uv: str, wanted: Environment, python: str) -> None:
    say("Creating {} with {}".format(wanted.folder, python))
    shutil.rmtree(wanted.path, ignore_errors=True)
    command = [uv, "venv", "--quiet", "--no-project", "--python", python, wanted.path]
    run(command, uv_tool.environment(), "uv venv")


def _install(uv: str, wanted: Environment) -> None:
    env = uv_tool.environment()
    pip = [uv, "pip"]
    into = ["--python", wanted.interpreter]
    with timed("Installing what {} lists (the first time it is fetched)".format(wanted.locked)):
        run([*pip, "sync", *into, "--require-hashes", wanted.locked], env, "installing " + wanted.locked)
    say("Installing this package in editable form")
    # Its build needs only setuptools, which every locked file contains: nothing more is downloaded.
    editable = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--editable", "."]
    run([*pip, "install", *into, *editable], env, "installing this package")
    with timed("Importing every direct dependency once"):
        check = [wanted.interpreter, os.path.join("scripts", "check_imports.py"), wanted.requirements]
        run(check, what="the import check")


def make(wanted: Environment) -> None:
    """Bring the environment up to date."""
    named = interpreter.given(wanted.python)
    renew = must_be_new(wanted, named)
    python = (named or interpreter.installed(wanted.python)) if renew else wanted.interpreter
    uv = uv_tool.find() or uv_tool.install([sys.executable] + ([python] if python else []))
    _forget_stamp(wanted)
    if renew:
        _create(uv, wanted, python or interpreter.from_uv(uv, uv_tool.environment(), wanted))
    write_whole(unfinished(wanted), "")
    _install(uv, wanted)
    os.remove(unfinished(wanted))
    write_whole(stamp(wanted), fingerprint(wanted))
    say("{} is ready".format(wanted.folder))


def main(arguments: "list[str]") -> None:
    """Do nothing if nothing changed; else make the environment, with one make at a time."""
    try:
        wanted = environment(arguments[0]) if arguments else DEFAULT
        if complete(wanted):
            return
        with only_one("venv-" + wanted.name):
            if not complete(wanted):
                make(wanted)
    except SetupFailed as error:
        exit_with_remedy(error)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit("\nInterrupted; the next make starts this step afresh.")

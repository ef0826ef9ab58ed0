"""Makes .venv: Python 3.10, everything from constraints.txt, this package in editable form.

A stamp written last names the inputs for which the environment is complete, so a second run is free, and a
mark written first shows that an earlier run did not end, so a half-installed environment is rebuilt.
"""

import hashlib
import os
import shutil
import sys

import interpreter
import uv_tool
from console import (
    ROOT,
    VENV,
    VENV_PYTHON,
    SetupFailed,
    exit_with_remedy,
    only_one,
    read_text,
    run,
    say,
    timed,
    write_whole,
)

STAMP = os.path.join(VENV, ".complete")
UNFINISHED = os.path.join(VENV, ".unfinished")


def fingerprint() -> str:
    """Return what the environment depends on, including its path: it cannot be moved or copied."""
    digest = hashlib.sha256(VENV.encode())
    for name in ("constraints.txt", "pyproject.toml"):
        digest.update(read_text(os.path.join(ROOT, name)).encode())
    return digest.hexdigest()


def complete() -> bool:
    """Return whether .venv runs and matches the current inputs exactly."""
    return read_text(STAMP) == fingerprint() and interpreter.in_venv() is not None


def _forget_stamp() -> None:
    if os.path.exists(STAMP):
        os.remove(STAMP)


def _needs_new_venv(wanted: "str | None") -> bool:
    if os.path.exists(UNFINISHED) or interpreter.in_venv() is None:
        return True
    return wanted is not None and os.path.realpath(wanted) != os.path.realpath(VENV_PYTHON)


def _create(uv: str, python: str) -> None:
    say("Creating .venv with {}".format(python))
    shutil.rmtree(VENV, ignore_errors=True)
    run([uv, "venv", "--quiet", "--no-project", "--python", python, VENV], uv_tool.environment(), "uv venv")


def _install(uv: str) -> None:
    env = uv_tool.environment()
    pip = [uv, "pip"]
    into = ["--python", VENV_PYTHON]
    with timed("Installing what constraints.txt lists (the first time about 1 GB is fetched)"):
        run([*pip, "sync", *into, "--require-hashes", "constraints.txt"], env, "installing constraints.txt")
    say("Installing this package in editable form")
    # Its build needs only setuptools, which the list above contains: nothing more is downloaded.
    editable = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--editable", "."]
    run([*pip, "install", *into, *editable], env, "installing this package")
    with timed("Importing every direct dependency once"):
        run([VENV_PYTHON, os.path.join("scripts", "check_imports.py")], what="the import check")


def make() -> None:
    """Bring .venv up to date."""
    wanted = interpreter.given()
    renew = _needs_new_venv(wanted)
    python = (wanted or interpreter.installed()) if renew else VENV_PYTHON
    uv = uv_tool.find() or uv_tool.install([sys.executable] + ([python] if python else []))
    _forget_stamp()
    if renew:
        _create(uv, python or interpreter.from_uv(uv, uv_tool.environment()))
    write_whole(UNFINISHED, "")
    _install(uv)
    os.remove(UNFINISHED)
    write_whole(STAMP, fingerprint())
    say(".venv is ready")


def main() -> None:
    """Do nothing if nothing changed; else make the environment, with one make at a time."""
    if complete():
        return
    try:
        with only_one("venv"):
            if not complete():
                make()
    except SetupFailed as error:
        exit_with_remedy(error)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nInterrupted; the next make starts this step afresh.")

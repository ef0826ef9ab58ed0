"""Fetches browser libraries from npm, unless they are there already.

    make_web.py FOLDER ...

They are installed from a folder's committed list (``npm ci``) into its own ``node_modules``; none of their
code is run (``--ignore-scripts``) and none of it is committed. Only pages need them: without npm, everything
else still works.
"""

import hashlib
import os
import re
import shutil
import sys
from typing import List

from console import ROOT, SetupFailed, only_one, read_text, run, say, timed, write_whole

COMMAND = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]


def stamp(folder: str) -> str:
    """Return the stamp in the folder that npm deletes first, so that an interrupted run leaves no stamp."""
    return os.path.join(ROOT, folder, "node_modules", ".complete")


def fingerprint(folder: str) -> str:
    """Return what the libraries depend on, packages of this repository included."""
    names = ("package.json", "package-lock.json", ".npmrc")
    texts = [read_text(os.path.join(ROOT, folder, name)) for name in names]
    for place in re.findall(r'"file:([^"]+)"', texts[0]):
        built = os.path.join(ROOT, folder, place, "dist")
        if os.path.isdir(built):
            texts += [read_text(os.path.join(built, name)) for name in sorted(os.listdir(built))]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def complete(folder: str) -> bool:
    """Return whether everything in the list is installed."""
    return read_text(stamp(folder)) == fingerprint(folder)


def make(folder: str) -> None:
    """Fetch the libraries."""
    npm = shutil.which("npm")
    if npm is None:
        raise SetupFailed("there is no npm on this machine. To see the page, install Node.js 20 or newer.")
    with timed("Fetching the libraries of {} with npm".format(folder)):
        run([npm, *COMMAND, "--prefix", os.path.join(ROOT, folder)], what="npm ci")
    write_whole(stamp(folder), fingerprint(folder))


def main(folders: List[str]) -> None:
    """Do nothing if nothing changed; without npm, report what is missing but do not fail."""
    for folder in folders:
        if complete(folder):
            continue
        try:
            with only_one("web"):
                if not complete(folder):
                    make(folder)
        except SetupFailed as problem:
            say("No libraries for {}: {}".format(folder, problem))
            say("    its page will not work; everything else does")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit("\nInterrupted; the next make starts this step afresh.")

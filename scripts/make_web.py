"""Fetches browser libraries from npm, unless they are there already.

    make_web.py FOLDER ...

They come by a folder's committed list (``npm ci``) into its own ``node_modules``; nothing of them is run
(``--ignore-scripts``) and nothing of them is committed. Only pages need them: where there is no npm, all else
goes on without.
"""

import hashlib
import os
import shutil
import sys
from typing import List

from console import ROOT, SetupFailed, only_one, read_text, run, say, timed, write_whole

COMMAND = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]


def stamp(folder: str) -> str:
    """In the folder that npm deletes first, so that an interrupted run leaves no stamp."""
    return os.path.join(ROOT, folder, "node_modules", ".complete")


def fingerprint(folder: str) -> str:
    """What the libraries depend on."""
    names = ("package.json", "package-lock.json", ".npmrc")
    texts = "\0".join(read_text(os.path.join(ROOT, folder, name)) for name in names)
    return hashlib.sha256(texts.encode()).hexdigest()


def complete(folder: str) -> bool:
    """Is what the list names there?"""
    return read_text(stamp(folder)) == fingerprint(folder)


def make(folder: str) -> None:
    """Fetch them."""
    npm = shutil.which("npm")
    if npm is None:
        raise SetupFailed("there is no npm on this machine. To see the page, install Node.js 20 or newer.")
    with timed("Fetching the libraries of {} with npm".format(folder)):
        run([npm, *COMMAND, "--prefix", os.path.join(ROOT, folder)], what="npm ci")
    write_whole(stamp(folder), fingerprint(folder))


def main(folders: List[str]) -> None:
    """Do nothing when nothing changed; say what is missing without them, but stop nobody."""
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

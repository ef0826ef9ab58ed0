"""Fetches the browser libraries of the example's host app, unless they are there already.

They come from npm by the committed list (``npm ci``) into the host app's own ``node_modules``; nothing of
them is run (``--ignore-scripts``) and nothing of them is committed. The page alone needs them: where there is
no npm, all else goes on without.
"""

import hashlib
import os
import shutil
import sys

from console import ROOT, SetupFailed, only_one, read_text, run, say, timed, write_whole

HOST_APP = os.path.join(ROOT, "example_bot", "host_app")
MODULES = os.path.join(HOST_APP, "node_modules")
#: In the folder that npm deletes first, so that an interrupted run leaves no stamp.
STAMP = os.path.join(MODULES, ".complete")
WITHOUT = "the host app's page will say so when it is opened; everything else works"
COMMAND = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]


def fingerprint() -> str:
    """What the libraries depend on."""
    names = ("package.json", "package-lock.json", ".npmrc")
    texts = "\0".join(read_text(os.path.join(HOST_APP, name)) for name in names)
    return hashlib.sha256(texts.encode()).hexdigest()


def complete() -> bool:
    """Is what the list names there?"""
    return read_text(STAMP) == fingerprint()


def make() -> None:
    """Fetch them."""
    npm = shutil.which("npm")
    if npm is None:
        raise SetupFailed("there is no npm on this machine. To see the page, install Node.js 18 or newer.")
    with timed("Fetching the page's browser libraries with npm (about 110 MB)"):
        run([npm, *COMMAND, "--prefix", HOST_APP], what="npm ci")
    write_whole(STAMP, fingerprint())


def main() -> None:
    """Do nothing when nothing changed; say what is missing without them, but stop nobody."""
    if complete():
        return
    try:
        with only_one("web"):
            if not complete():
                make()
    except SetupFailed as problem:
        say("No browser libraries: {}".format(problem))
        say("    {}".format(WITHOUT))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nInterrupted; the next make starts this step afresh.")

"""Builds the packages for React and Vue, unless they are built already.

    make_packages.py

TypeScript and the types of both frameworks come from npm, as `make_web.py` fetches libraries. The packages
are built in `packages/react` and `packages/vue`, from where the Next.js example and the tests install them.
Without npm, everything else still works.
"""

import hashlib
import os
import shutil
import sys
from typing import Iterator

import make_web
from console import ROOT, SetupFailed, only_one, read_text, run, say, timed, write_whole

FOLDER = "packages"
#: What is in every package, beside its own sources.
SHARED = (
    "packages/build.mjs",
    "packages/tsconfig.json",
    "rasa_autoplay/gateway/static/autoplay.d.ts",
    "LICENSE",
)
NAMES = ("react", "vue")
_STAMP = os.path.join(ROOT, FOLDER, "node_modules", ".built")


def _sources() -> Iterator[str]:
    """Yield the paths of all files that packages are made of, relative to the root."""
    yield from SHARED
    for name in NAMES:
        yield "{}/{}/package.json".format(FOLDER, name)
        yield "{}/{}/tsconfig.json".format(FOLDER, name)
    for part in ("common", *("{}/src".format(name) for name in NAMES)):
        folder = os.path.join(ROOT, FOLDER, part)
        yield from sorted("{}/{}/{}".format(FOLDER, part, file) for file in os.listdir(folder))


def fingerprint() -> str:
    """Return what the built packages depend on."""
    texts = [make_web.fingerprint(FOLDER)]
    texts += ["{}\0{}".format(path, read_text(os.path.join(ROOT, path))) for path in _sources()]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def complete() -> bool:
    """Return whether the packages are built from the sources of now."""
    are_there = all(os.path.isdir(os.path.join(ROOT, FOLDER, name, "dist")) for name in NAMES)
    return are_there and make_web.complete(FOLDER) and read_text(_STAMP) == fingerprint()


def make() -> None:
    """Build both.

    Raises:
        SetupFailed: there is no Node.js, or TypeScript finds an error.
    """
    node = shutil.which("node")
    if node is None:
        raise SetupFailed("there is no Node.js on this machine. Install Node.js 20.11 or newer.")
    with timed("Building the packages for React and Vue"):
        run([node, os.path.join(ROOT, FOLDER, "build.mjs")], what="the build")
    write_whole(_STAMP, fingerprint())


def main() -> None:
    """Do nothing if nothing changed; without npm, report what is missing but do not fail."""
    if complete():
        return
    make_web.main([FOLDER])
    if not make_web.complete(FOLDER):
        return
    try:
        with only_one("packages"):
            if not complete():
                make()
    except SetupFailed as problem:
        say("No packages for React and Vue: {}".format(problem))
        sys.exit(1)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nInterrupted; the next make starts this step afresh.")

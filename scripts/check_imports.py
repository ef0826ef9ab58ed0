"""Imports every direct dependency once, so that a resolution that installs but does not run fails here.

Runs in the environment itself, with its requirements file as the argument. The names are from that file,
where `-e .[redis]` stands for this package's dependencies and those of the extra. The modules are what each
distribution installed.
"""

import importlib
import importlib.metadata as metadata
import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from packaging.requirements import Requirement

# A bare `import rasa` loads almost nothing; its command imports what training and serving need.
DEEPER = {
    "rasa": ["rasa.__main__", "rasa.core.run", "rasa.model_training"],
    "rasa-sdk": ["rasa_sdk.endpoint"],
}


def _of_this_package(extras: list[str]) -> Iterator[Requirement]:
    """Yield this package's own requirements and those of its extras, and of extras that these name."""
    for text in metadata.requires("rasa-autoplay") or []:
        requirement = Requirement(text)
        if requirement.marker and not any(requirement.marker.evaluate({"extra": each}) for each in extras):
            continue
        if requirement.name == "rasa-autoplay":
            yield from _of_this_package(sorted(requirement.extras))
        else:
            yield requirement


def direct_dependencies(requirements: str) -> list[str]:
    """Return the names of the distributions that a requirements file demands on this interpreter."""
    found = []
    for line in requirements.splitlines():
        text = line.partition("#")[0].strip()
        itself = re.fullmatch(r"-e \.(?:\[(.*)\])?", text)
        if itself:
            extras = [extra.strip() for extra in (itself[1] or "").split(",")]
            found += [each.name for each in _of_this_package(["", *extras])]
        elif text:
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate():
                found.append(requirement.name)
    return list(dict.fromkeys(found))


def _packages_of(files: list[PurePosixPath]) -> Iterator[str]:
    for path in files:
        if path.name == "__init__.py":
            yield ".".join(path.parent.parts)
        elif len(path.parts) == 1 and path.suffix == ".py":
            yield path.stem


def modules_of(distribution: str) -> list[str]:
    """Return a distribution's topmost public modules (`ruamel.yaml`, if `ruamel` is only a folder)."""
    files = [PurePosixPath(str(file)) for file in metadata.files(distribution) or []]
    found = sorted(name for name in _packages_of(files) if re.fullmatch(r"[A-Za-z]\w*(\.\w+)*", name))
    return [name for name in found if not any(name.startswith(other + ".") for other in found)]


def main() -> int:
    """Import all; report each that fails, and return how many do."""
    # Irrelevant to this check; filters do not help, since some of these modules reset them.
    warnings.showwarning = lambda *_args, **_kwargs: None
    failures = 0
    for distribution in direct_dependencies(Path(sys.argv[1]).read_text(encoding="utf-8")):
        for module in [*modules_of(distribution), *DEEPER.get(distribution, [])]:
            try:
                importlib.import_module(module)
            except Exception as error:
                failures += 1
                print(f"{distribution}: import {module} failed: {type(error).__name__}: {error}")
    return failures


if __name__ == "__main__":
    sys.exit(1 if main() else 0)

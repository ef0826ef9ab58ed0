"""Imports every direct dependency once, so that a resolution that installs but does not run fails here.

Runs in the environment itself. The names are from this package's own metadata, that is, pyproject.toml's
dependencies and extras; the modules are what each distribution installed.
"""

import importlib
import importlib.metadata as metadata
import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import PurePosixPath

# A bare `import rasa` loads almost nothing; its command imports what training and serving need.
DEEPER = {
    "rasa": ["rasa.__main__", "rasa.core.run", "rasa.model_training"],
    "rasa-sdk": ["rasa_sdk.endpoint"],
}


def direct_dependencies() -> list[str]:
    """Return the names of pyproject.toml's requirements, including extras."""
    requirements = metadata.requires("rasa-autoplay") or []
    names = (re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0] for requirement in requirements)
    return list(dict.fromkeys(names))


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
    """Import all; report each that fails."""
    # Irrelevant to this check; filters do not help, since some of these modules reset them.
    warnings.showwarning = lambda *_args, **_kwargs: None
    failures = 0
    for distribution in direct_dependencies():
        for module in [*modules_of(distribution), *DEEPER.get(distribution, [])]:
            try:
                importlib.import_module(module)
            except Exception as error:
                failures += 1
                print(f"{distribution}: import {module} failed: {type(error).__name__}: {error}")
    return failures


if __name__ == "__main__":
    sys.exit(1 if main() else 0)

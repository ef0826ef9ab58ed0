"""The version of ``autoplay.yml`` and the golden paths to which a session's findings refer."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

__all__ = ["FilesVersion", "StepIds"]

#: The ids of a golden path's steps, in order, by the path's id.
StepIds = Mapping[str, tuple[str, ...]]


class FilesVersion(msgspec.Struct, frozen=True, array_like=True):
    """A version of the files.

    Args:
        settings: fingerprint of ``autoplay.yml``.
        paths: fingerprint of the golden paths.
        step_ids: what the step indexes in a session's evidence mean.
    """

    settings: str = ""
    paths: str = ""
    step_ids: Mapping[str, tuple[str, ...]] = {}

    def only(self, path_ids: Mapping[str, object]) -> FilesVersion:
        """Return this version with the step ids of these paths only."""
        ids = {path_id: self.step_ids[path_id] for path_id in path_ids if path_id in self.step_ids}
        return FilesVersion(self.settings, self.paths, ids)

"""The folder that each linted file may read from: nothing outside it is read or shown."""

from __future__ import annotations

import os
from pathlib import Path


class ReadRoots:
    """The root of every input of one run.

    `given` is the folder of `--root`. Without it the root of a file is the current directory where the file is below
    it, else the folder that was named on the command line, else the file's own folder.
    """

    def __init__(self, given: str | None = None) -> None:
        self._given = None if given is None else Path(given)
        self._roots: dict[str, Path] = {}

    def root_of(self, name: str, folder: str | None = None) -> Path:
        """The root of the file `name`, which was found below `folder` if that was named instead of the file."""
        if name not in self._roots:
            self._roots[name] = self._given or (Path() if _is_below_here(name) else Path(folder or Path(name).parent))
        return self._roots[name]

    def allows(self, name: str) -> bool:
        """Whether a file is inside one of the roots of this run, symbolic links followed."""
        try:
            path = Path(name).resolve()
        except (OSError, ValueError, RuntimeError):
            return False
        roots = {self._given or Path(), *self._roots.values()}
        return any(path.is_relative_to(root.resolve()) for root in roots)


def _is_below_here(name: str) -> bool:
    """Whether a path leads below the current directory, as written or with symbolic links followed.

    A link below the current directory counts by where it is, not by where it leads, so that it cannot choose its root.
    """
    here = Path.cwd()
    return Path(os.path.abspath(name)).is_relative_to(here) or Path(name).resolve().is_relative_to(here)

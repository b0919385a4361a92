"""Checkpoints of a training: written atomically, and read as data without running code."""

from __future__ import annotations

import io
import logging
import os
import pickle
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch

from lapt_dsl.diagnostics.diagnostic import LaptError

logger = logging.getLogger("lapt_dsl.training")

FORMAT = 1


def ready_folder(folder: str | os.PathLike[str]) -> None:
    """Create the directory of checkpoints where it is missing.

    Raises:
        LaptError: E762, it cannot be created or written to. Raised before any training starts.
    """
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _not_written(Path(folder), error.strerror or str(error)) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _not_written(Path(folder), "Permission denied")


def _not_written(folder: Path, reason: str) -> Exception:
    hint = "make room there, or name another folder with --checkpoints"
    return LaptError.of("E762", f"cannot write a checkpoint to `{folder}`: {reason}", str(folder), hint=hint)


class Checkpoint:
    """The checkpoint file of one training. Results do not depend on whether it exists."""

    def __init__(self, folder: str | os.PathLike[str], key: str) -> None:
        """Choose the file.

        Args:
            folder: The directory, created where it is missing.
            key: A hexadecimal digest that identifies the training.
        """
        self.key = key
        self.path = Path(folder) / f"{key[:32]}.pt"

    def save(self, epoch: int, state: Mapping[str, Any]) -> None:
        """Save the state after `epoch` epochs, in place of the previous one.

        Raises:
            LaptError: E762, it cannot be written; the previous state is kept.
        """
        # Serialised in memory first: torch hides why writing failed, and a partial file must not replace the last one.
        packed = io.BytesIO()
        torch.save({"format": FORMAT, "key": self.key, "epoch": epoch, "state": dict(state)}, packed)
        partial = self.path.with_suffix(".part")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with open(partial, "wb") as file:
                file.write(packed.getbuffer())
                file.flush()
                os.fsync(file.fileno())
            os.replace(partial, self.path)
        except OSError as error:
            with suppress(OSError):
                partial.unlink()
            raise _not_written(self.path.parent, error.strerror or str(error)) from error

    def load(self, device: str) -> tuple[int, dict[str, Any]] | None:
        """The number of finished epochs and the state, or None where there is no checkpoint.

        A damaged file, or one of another training, is renamed with a warning, and the training starts from epoch 0.
        """
        if not self.path.exists():
            return None
        try:
            # Only tensors, numbers and strings are loaded; no code of the file runs.
            found = torch.load(self.path, map_location=device, weights_only=True)
            if found["format"] != FORMAT or found["key"] != self.key:
                raise ValueError("it is of another training")
            epoch, state = int(found["epoch"]), dict(found["state"])
        except (OSError, ValueError, KeyError, TypeError, RuntimeError, EOFError, AttributeError) as error:
            self.damaged(error)
            return None
        except (pickle.UnpicklingError, zipfile.BadZipFile) as error:
            self.damaged(error)
            return None
        return epoch, state

    def damaged(self, error: Exception) -> None:
        """Report that the loaded state cannot be resumed from."""
        reason = str(error).strip().splitlines()[0][:120] if str(error).strip() else type(error).__name__
        logger.warning("warning[W761]: the checkpoint %s is damaged, training starts anew (%s)", self.path, reason)

    def remove(self) -> None:
        """Remove the file of a finished training. An error is ignored, since the result does not depend on it."""
        with suppress(OSError):
            self.path.unlink()

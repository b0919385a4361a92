"""A random state as short text, for a run store to compare on resuming."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def random_state(rng: np.random.Generator, *more: object) -> str:
    """A digest of a generator's state and of whatever else the next draws depend on: 16 hexadecimal digits."""
    text = json.dumps([rng.bit_generator.state, *more], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]

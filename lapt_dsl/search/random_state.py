"""A digest of a random state. The run store compares it when a run is resumed."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def random_state(rng: np.random.Generator, *more: object) -> str:
    """A digest (16 hexadecimal digits) of a generator's state and of everything else that the next draws depend on."""
    text = json.dumps([rng.bit_generator.state, *more], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]

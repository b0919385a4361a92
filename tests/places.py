"""Where the checkout and the published tables are; a test file counts no parent folders of its own."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).parents[1]
"""The root of the checkout."""
DATA = Path(os.environ.get("LAPT_DATA") or ROOT.parent / "shared" / "data")
"""The folder of published tables: `$LAPT_DATA`, or `shared/data` beside the checkout; it need not exist."""

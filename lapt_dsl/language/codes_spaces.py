"""Space files: E1xx, and W1xx for their warnings."""

from __future__ import annotations

from lapt_dsl.language.code import table

SPACE_CODES = table()

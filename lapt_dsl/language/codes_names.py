"""Names and places in principle files: E2xx."""

from __future__ import annotations

from lapt_dsl.language.code import table

NAME_CODES = table()

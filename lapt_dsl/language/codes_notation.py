"""Architectures and their notations: E6xx."""

from __future__ import annotations

from lapt_dsl.language.code import table

NOTATION_CODES = table()

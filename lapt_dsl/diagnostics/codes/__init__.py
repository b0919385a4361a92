"""All diagnostic codes, one module per group. A code never changes its meaning; a new diagnostic gets a new code."""

from __future__ import annotations

from lapt_dsl.diagnostics.codes.code import Code
from lapt_dsl.diagnostics.codes.external import BRIDGE_CODES, EXTERNAL_CODES
from lapt_dsl.diagnostics.codes.inheritance import INHERITANCE_CODES
from lapt_dsl.diagnostics.codes.input_output import INPUT_OUTPUT_CODES
from lapt_dsl.diagnostics.codes.limits import LIMIT_CODES
from lapt_dsl.diagnostics.codes.meaning import MEANING_CODES, SUPPRESSION_CODES
from lapt_dsl.diagnostics.codes.models import MODEL_CODES
from lapt_dsl.diagnostics.codes.name_fixes import NAME_FIX_CODES
from lapt_dsl.diagnostics.codes.names import NAME_CODES
from lapt_dsl.diagnostics.codes.networks import NETWORK_CODES
from lapt_dsl.diagnostics.codes.notations import NOTATION_CODES
from lapt_dsl.diagnostics.codes.prompts import PROMPT_CODES
from lapt_dsl.diagnostics.codes.proxies import PROXY_CODES
from lapt_dsl.diagnostics.codes.replies import REPLY_CODES
from lapt_dsl.diagnostics.codes.searches import SEARCH_CODES
from lapt_dsl.diagnostics.codes.spaces import SPACE_CODES
from lapt_dsl.diagnostics.codes.stores import STORE_CODES
from lapt_dsl.diagnostics.codes.supernets import SUPERNET_CODES
from lapt_dsl.diagnostics.codes.surrogates import SURROGATE_CODES
from lapt_dsl.diagnostics.codes.syntax import SYNTAX_CODES
from lapt_dsl.diagnostics.codes.syntax_fixes import SYNTAX_FIX_CODES
from lapt_dsl.diagnostics.codes.tables import TABLE_CODES
from lapt_dsl.diagnostics.codes.training import TRAINING_CODES
from lapt_dsl.diagnostics.codes.workers import WORKER_CODES

__all__ = ["CODES", "Code"]

CODES: dict[str, Code] = {
    **SYNTAX_CODES,
    **SYNTAX_FIX_CODES,
    **SPACE_CODES,
    **NETWORK_CODES,
    **NAME_CODES,
    **NAME_FIX_CODES,
    **INHERITANCE_CODES,
    **MEANING_CODES,
    **SUPPRESSION_CODES,
    **LIMIT_CODES,
    **NOTATION_CODES,
    **TABLE_CODES,
    **TRAINING_CODES,
    **SURROGATE_CODES,
    **PROXY_CODES,
    **SUPERNET_CODES,
    **EXTERNAL_CODES,
    **BRIDGE_CODES,
    **STORE_CODES,
    **SEARCH_CODES,
    **MODEL_CODES,
    **REPLY_CODES,
    **WORKER_CODES,
    **PROMPT_CODES,
    **INPUT_OUTPUT_CODES,
}

"""Every diagnostic code there is. A code never changes its meaning; a new finding gets a new code.

E0xx syntax, E1xx space files (W1xx their warnings), E2xx names in principles, E3xx files that extend files, W4xx
meaning (W49x suppression comments), E5xx limits and contradictions, E6xx architectures and notations, E7xx whoever
measures (tables, images, training, proxies, surrogates, supernets, programs), E8xx searches (stores, models and their
replies, workers, prompts), E9xx reading and writing.
"""

from __future__ import annotations

from lapt_dsl.language.code import Code
from lapt_dsl.language.codes_external import EXTERNAL_CODES
from lapt_dsl.language.codes_files import FILE_CODES
from lapt_dsl.language.codes_fixes import FIX_CODES
from lapt_dsl.language.codes_json_replies import JSON_REPLY_CODES
from lapt_dsl.language.codes_meaning import MEANING_CODES
from lapt_dsl.language.codes_models import MODEL_CODES
from lapt_dsl.language.codes_names import NAME_CODES
from lapt_dsl.language.codes_networks import NETWORK_CODES
from lapt_dsl.language.codes_notation import NOTATION_CODES
from lapt_dsl.language.codes_prompts import PROMPT_CODES
from lapt_dsl.language.codes_replies import REPLY_CODES
from lapt_dsl.language.codes_spaces import SPACE_CODES
from lapt_dsl.language.codes_stores import STORE_CODES
from lapt_dsl.language.codes_supernet import SUPERNET_CODES
from lapt_dsl.language.codes_surrogates import SURROGATE_CODES
from lapt_dsl.language.codes_syntax import SYNTAX_CODES
from lapt_dsl.language.codes_tables import TABLE_CODES
from lapt_dsl.language.codes_training import TRAINING_CODES
from lapt_dsl.language.codes_workers import WORKER_CODES

__all__ = ["CODES", "Code"]

CODES: dict[str, Code] = {
    **SYNTAX_CODES,
    **FIX_CODES,
    **SPACE_CODES,
    **NETWORK_CODES,
    **NAME_CODES,
    **FILE_CODES,
    **MEANING_CODES,
    **NOTATION_CODES,
    **TABLE_CODES,
    **TRAINING_CODES,
    **STORE_CODES,
    **REPLY_CODES,
    **JSON_REPLY_CODES,
    **MODEL_CODES,
    **PROMPT_CODES,
    **EXTERNAL_CODES,
    **SURROGATE_CODES,
    **SUPERNET_CODES,
    **WORKER_CODES,
}

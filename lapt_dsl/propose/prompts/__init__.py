"""Prompts for language models, generated from any space."""

from lapt_dsl.propose.prompts.document import PromptContext, read_document, write_document
from lapt_dsl.propose.prompts.prompt import Prompt
from lapt_dsl.propose.prompts.repair import repair_prompt
from lapt_dsl.propose.prompts.tasks import adapt_prompt, explore_prompt, learn_prompt

__all__ = [
    "Prompt",
    "PromptContext",
    "adapt_prompt",
    "explore_prompt",
    "learn_prompt",
    "read_document",
    "repair_prompt",
    "write_document",
]

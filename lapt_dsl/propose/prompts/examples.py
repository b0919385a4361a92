"""The example of each form in the words of one space, or None where the space has no such thing.

What a form means stands in the language's reference; an example shows only how it looks in a space that is not known
yet. Each form's record holds its example; the names in braces there are the facts of a space that are made here.
"""

from __future__ import annotations

import string

from lapt_dsl.language.forms.form import Form
from lapt_dsl.propose.prompts.words import Words


def example(form: Form, words: Words) -> str | None:
    """The form's example; None where the space lacks something that the example names or needs."""
    facts = words.facts
    named = {name for _, name, _, _ in string.Formatter().parse(form.prompt) if name}
    if not form.prompt or any(facts[name] is None for name in (*named, *form.needs.split())):
        return None
    return form.prompt.format(**facts)

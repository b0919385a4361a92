"""Replies of language models in JSON: E869."""

from __future__ import annotations

from lapt_dsl.language.code import Code, table

JSON_REPLY_CODES = table(
    Code(
        "E869",
        "reply-not-its-schema",
        "error",
        "A reply in JSON is no JSON, or says what its schema has no word for.",
        '{"principles": [{"name": "a", "statements": "only conv"}]}',
        '{"principles": [{"name": "early_conv", "sentence": "...", "statements": [...]}]}',
        "A server that is asked for JSON of a schema may ignore the schema, so that every word is looked up again.",
    ),
)

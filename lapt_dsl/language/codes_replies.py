"""Replies of language models and people that a search or `lapt learn` is to go by: E860 to E869."""

from __future__ import annotations

from lapt_dsl.language.code import Code, table

REPLY_CODES = table(
    Code(
        "E860",
        "no-reply-accepted",
        "error",
        "A model's replies were refused, those to the findings included, and no mechanical fix helped.",
        "lapt learn table.json --by llm --model tiny",
        "a larger model, more --rounds, or --fallback induction",
        "Principles that were not understood are not guessed. What was asked and answered is in the store.",
    ),
    Code(
        "E861",
        "reply-leaves-nothing",
        "error",
        "A reply leaves no architecture at all.",
        "principle a { layers: only skip; layers: never skip; }",
        "rules that some architecture satisfies together",
        "A search has nothing to draw from.",
    ),
    Code(
        "E862",
        "reply-changes-nothing",
        "error",
        "A reply leaves the space as it was, or lets in nothing where it was to open the principles in force.",
        "principle a { layers: at most 6 convolution; }  in a space of six layers",
        "principle a { layers: at most 3 convolution; }",
        "Principles that remove nothing do not guide a search, whatever their sentences say.",
    ),
    Code(
        "E863",
        "reply-loses-evidence",
        "error",
        "A reply leaves out most of the architectures that it is drawn from.",
        "principle a { layers: only pooling; }  where the best convolve",
        "rules that at least a quarter of the best shown satisfy (--keep-share)",
        "Principles behind architectures hold for those architectures.",
    ),
    Code(
        "E864",
        "reply-leaves-nothing-new",
        "error",
        "A reply leaves only architectures that were evaluated already.",
        "rules that only the best architecture satisfies",
        "rules that its relatives satisfy too",
        "No architecture is evaluated twice, so a search could not go on.",
    ),
    Code(
        "E865",
        "reply-does-not-extend",
        "error",
        "A reply that is to follow the principles in force does not extend them.",
        "principles next for nas201;  without `extends`",
        'principles next for nas201; extends "00-learn.lp";',
        "What stays, what goes and what is new must be said, not guessed.",
    ),
    Code(
        "E866",
        "reply-too-large",
        "error",
        "A reply is longer than replies are read, or has more principles or rules than are taken.",
        "a reply of 50 MB",
        "one principle file of a few principles",
        "Judging a reply takes bounded time and memory, whatever it is.",
    ),
    Code(
        "E867",
        "prompt-outdated",
        "error",
        "An answer belongs to a prompt that its run has gone past, or to another run.",
        "lapt accept old.md --prompt old-prompt.md --store run.db",
        "lapt prompt adapt --store run.db -o prompt.md, and the answer to that",
        "An answer is judged and recorded for the principles in force that its prompt showed.",
    ),
    Code(
        "E868",
        "principles-needed",
        "error",
        "A search by hand has come to where its principles change.",
        "lapt search --by hand --store run.db",
        "lapt prompt ..., lapt accept ..., then the same command with --resume",
        "The search stops, everything is stored, and it goes on with the answer that is accepted.",
    ),
)

"""Files that extend files (E30x)."""

from __future__ import annotations

from lapt_dsl.diagnostics.codes.code import Code, table

INHERITANCE_CODES = table(
    "Files that extend files",
    Code(
        "E301",
        "not-principles",
        "error",
        "A principle file is expected, and the file is a space file.",
        'extends "nas201.space";',
        'extends "general.lp";',
        "Only principle files can be extended. Name the space after `for`.",
    ),
    Code(
        "E302",
        "circular-extends",
        "error",
        "Files extend each other in a cycle.",
        'a.lp: extends "b.lp";  b.lp: extends "a.lp";',
        "b.lp extends no file",
        "A file cannot inherit from itself.",
    ),
    Code(
        "E303",
        "extends-too-far",
        "error",
        "The files reached through `extends` are too many or nested too deeply.",
        "a hundred files, each extending the next",
        "one general file and one per task",
        "The limit bounds the cost of reading an untrusted file.",
    ),
    Code(
        "E304",
        "file-out-of-reach",
        "error",
        "An extended file lies outside the allowed directory, or this text must not read files at all.",
        'extends "/etc/general.lp";',
        'extends "general.lp";',
        "Untrusted text, such as the reply of a language model, must not read other files of the machine.",
    ),
    Code(
        "E305",
        "conflicting-parents",
        "error",
        "Two extended files define the same principle differently.",
        'extends "a.lp"; extends "b.lp";',
        'extends "a.lp"; extends "b.lp"; drop compact;',
        "No extended file takes precedence over another. Drop the principle, or define it in the extending file.",
    ),
    Code(
        "E306",
        "unknown-drop",
        "error",
        "`drop` names a principle that is not inherited.",
        "drop compactt;",
        "drop compact;",
        "If the name were ignored, the principle that was meant would silently stay in force.",
    ),
    Code(
        "E307",
        "parent-for-other-space",
        "error",
        "An extended file is for another space.",
        'principles p for any; extends "nas201.lp";',
        'principles p for nas201; extends "nas201.lp";',
        "Inherited rules are resolved in the space of the extending file, where the names of another space are "
        "unknown. "
        "A file `for any` may be extended by every file.",
    ),
    Code(
        "E308",
        "duplicate-principle",
        "error",
        "A file defines the same principle twice.",
        "principle a { layer 0: only skip; } principle a { layer 1: only skip; }",
        "principle a { layer 0: only skip; layer 1: only skip; }",
        "A file that extends this one replaces or drops a principle by its name, so names must be unique.",
    ),
)

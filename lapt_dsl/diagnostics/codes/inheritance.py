"""Files that extend files (E30x)."""

from __future__ import annotations

from lapt_dsl.diagnostics.codes.code import Code, table

INHERITANCE_CODES = table(
    "Files that extend files",
    Code(
        "E301",
        "not-principles",
        "error",
        "What should be a principle file is a space file.",
        'extends "nas201.space";',
        'extends "general.lp";',
        "Only principles can be inherited; the space is named after `for`.",
    ),
    Code(
        "E302",
        "circular-extends",
        "error",
        "Files extend each other in a circle.",
        'a.lp: extends "b.lp";  b.lp: extends "a.lp";',
        "b.lp stands alone",
        "A file cannot inherit from itself.",
    ),
    Code(
        "E303",
        "extends-too-far",
        "error",
        "`extends` leads through too many files.",
        "a chain of a hundred files",
        "one general file and one per task",
        "Bounds keep untrusted files cheap.",
    ),
    Code(
        "E304",
        "file-out-of-reach",
        "error",
        "A file is outside the directory that may be read, or the text may read no files.",
        'extends "/etc/general.lp";',
        'extends "general.lp";',
        "Text from elsewhere, such as a model's reply, must not reach files it was not given.",
    ),
    Code(
        "E305",
        "conflicting-parents",
        "error",
        "Two extended files define one principle differently.",
        'extends "a.lp"; extends "b.lp";',
        'extends "a.lp"; extends "b.lp"; drop compact;',
        "Neither parent outranks the other, so the child decides: it drops the name or defines it itself.",
    ),
    Code(
        "E306",
        "unknown-drop",
        "error",
        "`drop` names a principle that is not inherited.",
        "drop compactt;",
        "drop compact;",
        "Dropping nothing would hide that the principle is still in force under its real name.",
    ),
    Code(
        "E307",
        "parent-for-other-space",
        "error",
        "An extended file is written for another space.",
        'principles p for any; extends "nas201.lp";',
        'principles p for nas201; extends "nas201.lp";',
        "Inherited rules are read in the child's space, where another space's names mean nothing. A file `for any` "
        "may be extended by every file.",
    ),
    Code(
        "E308",
        "duplicate-principle",
        "error",
        "A file defines one principle twice.",
        "principle a { layer 0: only skip; } principle a { layer 1: only skip; }",
        "principle a { layer 0: only skip; layer 1: only skip; }",
        "A principle has one meaning; names are how children replace or drop it.",
    ),
)

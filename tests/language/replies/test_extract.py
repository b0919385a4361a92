from __future__ import annotations

from lapt_dsl.language.parsing.parser import parse
from lapt_dsl.language.replies.extract import extract
from tests.bounds import little_work

REPLY = """\
Here you are:

```lapt
principles p for s;
drop only;
```

and ~~~ inline ```code``` too

~~~~
principles q for s;
```
~~~
~~~~
  ``` unclosed
drop a;
"""


def test_blocks_keep_their_place_in_the_reply() -> None:
    blocks = extract(REPLY)
    assert [(block.info, block.line) for block in blocks] == [("lapt", 4), ("", 11), ("unclosed", 16)]
    assert [block.text for block in blocks] == [
        "principles p for s;\ndrop only;\n",
        "principles q for s;\n```\n~~~\n",
        "drop a;\n",
    ]
    first = blocks[0]
    _, (finding,) = parse(first.text, "reply.md", offset=first.offset, line=first.line)
    assert REPLY[finding.span.start : finding.span.end] == "only"
    assert REPLY.split("\n")[finding.span.line - 1][finding.span.column - 1 :].startswith("only")


def test_windows_line_ends() -> None:
    (block,) = extract("```\r\ndrop a;\r\n```\r\n")
    assert block.text == "drop a;\r\n"


def test_no_blocks() -> None:
    assert extract("") == []
    assert extract("principles p for s;") == []


def test_hostile_replies_take_linear_time() -> None:
    with little_work():
        for text in ("```\n" * 300_000, "`" * 5_000_000, "~~~ " * 500_000, "```" + "\n" * 2_000_000):
            extract(text)

"""Spaces written out, small enough to enumerate, and short ways to compile principles over them."""

from __future__ import annotations

from functools import cache

import lapt_dsl as lapt
from lapt_dsl.compiler.building.library import space_of_text
from lapt_dsl.compiler.refined.compiled import Compiled
from lapt_dsl.compiler.space.model import Space
from lapt_dsl.language.tree import PrincipleFile

OPERATORS = """
  operator none = zero() : absent;
  operator skip = identity() : shortcut;
  operator conv = relu_conv_bn(kernel=3) : convolution;
"""

NETWORK = "network { stem conv_bn(kernel=3, channels=4); 2 x main; head bn_relu_pool_linear(); }"

STAGED = f"""
space staged {{ {OPERATORS}
  cell main {{
    input a, b;
    stage s1 = layer 0 (one of {{a, b}});
    stage s2 = layer 1 (one of {{a, b, s1}}) + layer 2 (one of {{a, b, s1}});
    output y = layer 3 (s2);
    layers choose none, skip, conv;
    layer width choose 8, 12, 16;
  }}
  {NETWORK}
}}
"""

TWO_CELLS = f"""
space two_cells {{ {OPERATORS}
  cell main {{
    input x;
    node a = layer 0 (x);
    output y = layer 1 (a) + layer 2 (x);
    layers choose none, skip, conv;
  }}
  cell small {{
    input x;
    output y = layer 0 (x);
    layers choose skip, conv;
    layer width choose 8, 16;
  }}
  {NETWORK.replace("2 x main;", "2 x main; small;")}
}}
"""


@cache
def space(text: str) -> Space:
    """The space of a text, built once."""
    return space_of_text(text, "test.space")


def principles(name: str, *bodies: str) -> PrincipleFile:
    """A file `for` the named space (or `any`) with one principle p0, p1, ... for each body."""
    text = "".join(f"principle p{number} {{ {body} }}\n" for number, body in enumerate(bodies))
    tree = lapt.parse(f"principles test for {name};\n{text}", "test.lp")
    assert isinstance(tree, PrincipleFile)
    return tree


def compiled(over: Space, *bodies: str) -> Compiled:
    """Principles compiled over a space."""
    return lapt.compile_principles(principles(over.name, *bodies), over)


def codes(over: Space, *bodies: str, name: str | None = None) -> list[str]:
    """The codes of what compiling principles is refused for."""
    try:
        lapt.compile_principles(principles(name or over.name, *bodies), over)
    except lapt.LaptError as error:
        return [item.code for item in error.diagnostics]
    return []

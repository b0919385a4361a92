"""Hostile inputs: how long lint and compile take on the texts that cost most for their size.

Each case is a file that somebody could send. It is linted, fixed (`--diff`) and compiled, each in a process of its own;
the CPU seconds of each are printed, those over the limit marked. Exit code 1 if any is over it, or if lapt ended with
an internal error.

    python benchmarks/hostile.py [--limit 5] [--only WORD]
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
HEAD = "principles p for nas201;\n"
DARTS = "principles p for darts;\n"
VERBS = (("lint",), ("lint", "--diff"), ("compile",))
CASES: dict[str, Callable[[Path], Iterator[str]]] = {}


def case(make: Callable[[Path], str]) -> Callable[[Path], str]:
    """Register a case: a function that writes files into a folder, and returns the name of the one to check."""
    CASES[make.__name__] = make  # type: ignore[assignment]
    return make


def _write(folder: Path, text: str, name: str = "case.lp") -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return name


def _rule(rule: str, head: str = HEAD) -> str:
    return f"{head}principle first {{\n{rule}\n}}\n"


def _space(old: str, new: str, name: str = "nas201") -> str:
    text = (ROOT / "spaces" / f"{name}.space").read_text(encoding="utf-8")
    assert old in text
    return text.replace(old, new, 1)


@case
def one_long_name(folder: Path) -> str:
    return _write(folder, _rule(f"layer 0: only {'x' * 4_100_000};"))


@case
def one_long_string(folder: Path) -> str:
    return _write(folder, f'{HEAD}principle first "{"x" * 4_100_000}" {{ layer 0: only skip; }}\n')


@case
def many_escapes(folder: Path) -> str:
    return _write(
        folder, f'{HEAD}principle first "{"//n" * 2_000_000}\n'.replace("//", "\\") + "{ layer 0: only skip; }\n"
    )


@case
def many_characters_without_meaning(folder: Path) -> str:
    return _write(folder, HEAD + "@ \u00a7 " * 1_000_000)


@case
def many_comments(folder: Path) -> str:
    return _write(folder, HEAD + "// x\n" * 90_000 + "principle first { layer 0: only skip; }\n")


@case
def many_line_breaks(folder: Path) -> str:
    return _write(folder, HEAD + "\n" * 4_100_000 + "principle first { layer 0: only skip; }\n")


@case
def many_allowances(folder: Path) -> str:
    return _write(folder, HEAD + "// lapt: allow E201\n" * 90_000 + "principle first { layer 0: only skip; }\n")


@case
def a_million_tokens(folder: Path) -> str:
    return _write(folder, _rule("layer 0: only skip;\n" * 14_000))


@case
def a_million_signs(folder: Path) -> str:
    return _write(folder, HEAD + "{ } ; " * 33_000)


@case
def many_open_braces(folder: Path) -> str:
    return _write(folder, HEAD + "principle a {" * 33_000)


@case
def many_unclosed_principles(folder: Path) -> str:
    return _write(folder, HEAD + "principle a { layer 0: only skip;\n" * 11_000)


@case
def deep_conditions(folder: Path) -> str:
    return _write(folder, _rule("if " + "not (" * 90 + "layer 0: only skip" + ")" * 90 + " then layer 1: only skip;"))


@case
def too_deep_conditions(folder: Path) -> str:
    return _write(folder, _rule("if " + "(" * 900_000))


@case
def wide_condition(folder: Path) -> str:
    parts = " and ".join(f"layer {n % 6}: only skip" for n in range(14_000))
    return _write(folder, _rule(f"if {parts} then layer 1: only skip;"))


@case
def wide_operator_list(folder: Path) -> str:
    return _write(folder, _rule(f"layer 0: only {', '.join(['skip', 'conv1x1'] * 24_000)};"))


@case
def unknown_operators(folder: Path) -> str:
    return _write(folder, _rule(f"layer 0: only {', '.join(f'konv{n}x{n}' for n in range(49_000))};"))


@case
def unknown_operators_with_fixes(folder: Path) -> str:
    return _write(folder, _rule(f"layer 0: only {', '.join(['Skip', 'CONV_1X1', 'nor_conv_3x3'] * 16_000)};"))


@case
def misspelt_statements(folder: Path) -> str:
    return _write(folder, _rule("layers: at_most 1 skip;\nlayer_0: olny skip;\n" * 7_000))


@case
def many_principles(folder: Path) -> str:
    text = "".join(f"principle p{n} {{ layer {n % 6}: only skip, conv1x1, conv3x3; }}\n" for n in range(7_000))
    return _write(folder, HEAD + text)


@case
def many_different_principles(folder: Path) -> str:
    names = ("none", "skip", "conv1x1", "conv3x3", "avg_pool3x3")
    text = "".join(
        f"principle p{n} {{ some path: at least {n % 4} {names[n % 5]}; layers: at most {n % 6} {names[n % 3]}; }}\n"
        for n in range(5_000)
    )
    return _write(folder, HEAD + text)


@case
def many_preferences(folder: Path) -> str:
    return _write(folder, _rule("prefer layer 0: only skip;\n" * 7_000))


@case
def many_budgets(folder: Path) -> str:
    return _write(folder, _rule("".join(f"params <= {9_000_000 - n};\n" for n in range(3_000)), DARTS))


@case
def many_preferences_of_darts(folder: Path) -> str:
    names = ("sep_conv_3x3", "dil_conv_5x5", "max_pool_3x3")
    text = "".join(f"in normal {{ prefer layers: at least {n % 8} {names[n % 3]}; }}\n" for n in range(2_000))
    return _write(folder, _rule(text, DARTS))


@case
def many_extends(folder: Path) -> str:
    for number in range(256):
        _write(folder, _rule("layer 0: only skip;\n" * 3_000).replace("first", f"p{number}"), f"g{number}.lp")
    return _write(folder, HEAD + "".join(f'extends "g{number}.lp";\n' for number in range(255)))


@case
def extends_that_all_extend(folder: Path) -> str:
    text = "".join(f"principle p{n} {{ layer 0: only skip; }}\n" for n in range(1_000))
    for number in range(30):
        others = "".join(f'extends "g{other}.lp";\n' for other in range(number))
        _write(folder, HEAD + others + (text if number == 0 else ""), f"g{number}.lp")
    return _write(folder, HEAD + "".join(f'extends "g{number}.lp";\n' for number in range(30)))


@case
def large_extended_files(folder: Path) -> str:
    for number in range(40):
        _write(folder, HEAD + "// xxxxxxxx\n" * 90_000, f"g{number}.lp")
    return _write(folder, HEAD + "".join(f'extends "g{number}.lp";\n' for number in range(40)))


@case
def many_drops(folder: Path) -> str:
    return _write(folder, HEAD + "".join(f"drop p{number};\n" for number in range(33_000)))


@case
def many_unknown_drops_of_many(folder: Path) -> str:
    _write(folder, HEAD + "".join(f"principle p{n} {{ layer 0: only skip; }}\n" for n in range(9_000)), "g.lp")
    return _write(folder, HEAD + 'extends "g.lp";\n' + "".join(f"drop q{n};\n" for n in range(20_000)))


@case
def many_operators_of_a_space(folder: Path) -> str:
    return _write(folder, _space("  cell main", "  operator none = zero();\n" * 14_000 + "  cell main"), "case.space")


@case
def unknown_choices_of_a_space(folder: Path) -> str:
    names = ", ".join(f"konv{n}x{n}" for n in range(49_000))
    return _write(folder, _space("layers choose none", f"layers choose {names}, none"), "case.space")


@case
def many_nodes_of_a_space(folder: Path) -> str:
    nodes = "".join(f"    node n{n} = layer {n + 6} (x);\n" for n in range(12_000))
    return _write(folder, _space("    output y", f"{nodes}    output y"), "case.space")


@case
def many_cells_of_a_space(folder: Path) -> str:
    text = (ROOT / "spaces" / "nas201.space").read_text(encoding="utf-8")
    start, end = text.index("  cell main"), text.index("  network")
    return _write(folder, text.replace("  network", text[start:end] * 1_500 + "  network", 1), "case.space")


@case
def many_instances_of_a_space(folder: Path) -> str:
    return _write(folder, _space("    5 x main;\n", "    900 x main;\n" * 20_000), "case.space")


@case
def many_notations_of_a_space(folder: Path) -> str:
    notation = '  notation "|{0}~0|+|{1}~0|{2}~1|+|{3}~0|{4}~1|{5}~2|";\n'
    return _write(folder, _space("  // The benchmark lists", notation * 20_000 + "  // The"), "case.space")


@case
def wide_cell_of_a_space(folder: Path) -> str:
    layers = " + ".join(f"layer {n} (x)" for n in range(256))
    operators = "".join(f"  operator o{n} = relu_conv_bn(kernel={2 * n + 1}) : convolution;\n" for n in range(200))
    names = ", ".join(f"o{n}" for n in range(200))
    text = (
        f"space wide {{\n{operators}  cell main {{ input x; output y = {layers}; layers choose {names}; }}\n"
        "  network { stem conv_bn(kernel=3, channels=16); 5 x main; head bn_relu_pool_linear(); }\n}\n"
    )
    return _write(folder, text, "case.space")


def seconds(command: list[str], folder: Path, most: float) -> tuple[float, int]:
    """CPU seconds of a command (of `most` wall seconds at most), and its exit code; 124 for one that was ended."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=most, check=False).returncode
    except subprocess.TimeoutExpired:
        done = 124
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, done


def main() -> int:
    """Run the cases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=float, default=5.0, help="CPU seconds that a verb may take")
    parser.add_argument("--only", default="", help="cases with this in their names")
    parser.add_argument("--timeout", type=float, default=60.0, help="wall seconds after which a verb is ended")
    options = parser.parse_args()
    os.environ["PYTHONPATH"] = str(ROOT)
    slow = 0
    print(f"{'case':<36}{'bytes':>12}" + "".join(f"{' '.join(verb):>14}" for verb in VERBS), flush=True)
    for name, make in CASES.items():
        if options.only not in name:
            continue
        with tempfile.TemporaryDirectory() as at:
            folder = Path(at)
            file = str(make(folder))
            size = sum(path.stat().st_size for path in folder.iterdir())
            print(f"{name:<36}{size:>12,}", end="", flush=True)
            for verb in VERBS:
                command = [sys.executable, "-m", "lapt_dsl.commands.main", *verb, file]
                command[1:3] = ["-c", "from lapt_dsl.commands.main import main; main()"]
                taken, code = seconds(command, folder, options.timeout)
                bad = taken > options.limit or code not in (0, 1, 2)
                slow += bad
                print(f"{taken:>11.2f} {code:>2}" + ("!" if bad else " ")[:1], end="", flush=True)
            print(flush=True)
    print(f"{slow} over {options.limit:g} s or failed")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())

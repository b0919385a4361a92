"""Write the generated pages of this folder: the two language references, the diagnostics, and the catalogue.

Run by `make docs`; `tests/docs/test_docs_current.py` fails where a page is not what this program writes.
"""

from __future__ import annotations

from pathlib import Path

from lapt_dsl.language.codes import CODES, Code
from lapt_dsl.language.reference import page

HERE = Path(__file__).parent

GROUPS = {
    "E0": "Syntax",
    "E1": "Space files",
    "E2": "Names and places in principles",
    "E3": "Files that extend files",
    "W4": "Meaning",
    "E5": "Limits and contradictions",
    "E6": "Architectures and notations",
    "E9": "Reading and writing",
}


def pages() -> dict[str, str]:
    """Every generated page: its text by its path below docs/."""
    out = {"language-principles.md": page("principles"), "language-spaces.md": page("space")}
    out["diagnostics/README.md"] = _diagnostics_index()
    for code in CODES.values():
        out[f"diagnostics/{code.code}.md"] = _diagnostic(code)
    return out


def _diagnostic(code: Code) -> str:
    parts = [
        f"# {code.code}: {code.name}",
        f"*{code.severity}* · {_group(code.code)}",
        f"## Summary\n\n{code.summary}",
        f"## Avoid\n\n{_example(code.avoid)}",
        f"## Prefer\n\n{_example(code.prefer)}",
        f"## Why\n\n{code.why}",
        f"A line ending in `// lapt: allow {code.code}` silences this finding there."
        if code.severity != "error"
        else "",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _example(text: str) -> str:
    return f"```lapt\n{text.strip()}\n```" if any(mark in text for mark in ";{}") else text


def _diagnostics_index() -> str:
    lines = [
        "# Diagnostics",
        "",
        "One page per code: what it means, what to avoid, what to write instead, and why.",
        "",
    ]
    shown = None
    for code in sorted(CODES.values(), key=lambda code: code.code[1:]):
        group = _group(code.code)
        if group != shown:
            lines += ["", f"## {group}", "", "| code | name | severity | says |", "| --- | --- | --- | --- |"]
            shown = group
        says = " ".join(code.summary.split()).replace("|", "\\|")
        lines.append(f"| [{code.code}]({code.code}.md) | {code.name} | {code.severity} | {says} |")
    return "\n".join(lines) + "\n"


def _group(code: str) -> str:
    return next((title for prefix, title in GROUPS.items() if code[1] == prefix[1]), "Other")


def main() -> None:
    """Write every page, and remove pages of codes that are gone."""
    (HERE / "diagnostics").mkdir(exist_ok=True)
    written = pages()
    for stale in sorted((HERE / "diagnostics").glob("*.md")):
        if f"diagnostics/{stale.name}" not in written:
            stale.unlink()
    for name, text in written.items():
        (HERE / name).write_text(text, encoding="utf-8")
    print(f"{len(written)} pages under {HERE}")


if __name__ == "__main__":
    main()

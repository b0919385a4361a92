"""What a linter that runs on every save must not import."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("numpy", "torch", "rich", "networkx", "matplotlib", "optuna")


def test_lint_and_help_import_nothing_heavy(tmp_path) -> None:
    (tmp_path / "a.lp").write_text("principles a for nas201;\n\nprinciple b {\n  layers: at most 1 pooling;\n}\n")
    program = (
        "import sys; from lapt_dsl.commands.main import run; code = run(sys.argv[1:]); "
        f"print(code, [name for name in {HEAVY} if name in sys.modules])"
    )
    for arguments in (["lint", "a.lp"], ["--help"], ["count", "darts"], ["fmt", "--check", "a.lp"]):
        done = subprocess.run(
            [sys.executable, "-c", program, *arguments], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        assert done.stdout.splitlines()[-1] == "0 []", arguments

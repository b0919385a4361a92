"""These tests train networks; where torch is not installed, as beside a bare wheel, they are not collected."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("torch") else ["test_*.py"]

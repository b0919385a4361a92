"""The page on architecture names every folder, and its table of rooms is the table that imports are held to."""

from __future__ import annotations

import re

from tests.places import ROOT
from tests.test_layering import EDGES

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
ALL_BUT_GRAMMARS = "every room but `grammars`"


def _room(folder: str) -> str:
    return folder.split("/")[0]


def test_rooms_import_what_the_page_says() -> None:
    held: dict[str, set[str]] = {}
    for folder, listed in EDGES.items():
        held.setdefault(_room(folder), set()).update(_room(target) for target in listed.split())
    rows = re.findall(r"(?m)^\| `(?:lapt_dsl/)?([\w*]+)(?:/|\.py)` \| .* \| (.*) \|$", PAGE)
    shown = {room.replace("*", "lapt_dsl"): set(re.findall(r"`(\w+)`", may)) for room, may in rows}
    commands = next(may for room, may in rows if room == "commands")
    assert commands == ALL_BUT_GRAMMARS
    shown["commands"] = set(held) - {"grammars", "commands"}
    assert list(shown) == list(held)
    assert shown == {room: targets - {room} for room, targets in held.items()}


def test_every_folder_is_named() -> None:
    named = set(re.findall(r"`([\w/]+)`", PAGE[PAGE.index("## Inside") :]))
    assert {folder for folder in EDGES if "/" in folder} <= named

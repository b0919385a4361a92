"""A model that does as it is told, as a function of the request, for searches of the tiny space."""

from __future__ import annotations

import re

from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.propose.archive import Archive
from lapt_dsl.propose.exchange import Request
from lapt_dsl.propose.induction import Induction
from lapt_dsl.propose.model.client import Client
from lapt_dsl.propose.model.proposer import ModelProposer, WriterOptions
from lapt_dsl.search.run.session import Search
from lapt_dsl.search.settings import Settings
from tests.search.small_tables import TINY, made_up, small_evaluator, small_space

SPACE = small_space(TINY)
SETTINGS = Settings(archive=6, keep=3, iterations=3, population=3, tournament=2, budget=12)
ARCHIVE = Archive(SPACE, "made up", [(arch, made_up(arch.encoding, 1)) for arch in full(SPACE)])


def obedient(request: Request) -> str:
    """First an empty file, and after its findings one that does: two calls for every file."""
    said = request.messages[-1].content
    extended = re.search(r'extends "(\d+)-\w+\.lp";', said)
    file = "principles p for tiny;\n" + (f"{extended[0]}\n" if extended else "")
    if request.task != "repair":
        return f"```lapt\n{file}principle a {{ layers: only skip; layers: never skip; }}\n```"
    # Each file forbids an operator at another layer than the one before, so that each is another set.
    number = int(extended[1]) + 1 if extended else 0
    return f"Better:\n```lapt\n{file}principle a {{ layer {number % 3}: never skip; }}\n```"


def model_search(client: Client, fallback: bool = False, **options: object) -> Search:
    """A search whose principles the client's model writes."""
    proposer = ModelProposer(
        SPACE,
        ARCHIVE,
        6,
        client,
        WriterOptions(keep_share=0.0),
        fallback=Induction(SPACE, ARCHIVE, 6) if fallback else None,
    )
    return Search(
        small_evaluator(SPACE),
        full(SPACE),
        "lapt",
        SETTINGS,
        3,
        None,
        proposer,
        "llm",
        ARCHIVE.top(6),
        asked={"model": "scripted"},
    )

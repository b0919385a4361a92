"""Constrained decoding by a real llama.cpp server with a real model: what it is held to, and what it is not.

The model is tiny and its principles are noise, which is what makes it a test: it says nothing right by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import pytest
from click.testing import CliRunner

from lapt_dsl.commands.main import Verbs
from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.program.inheritance import ImportScope, check_program
from lapt_dsl.compiler.program.source_files import source_of_text
from lapt_dsl.compiler.refined.compiled import lower_program
from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.compiler.targets.decoder.grammar import decoder_grammar
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.propose.archive import Archive
from lapt_dsl.propose.exchange import Message, Mode
from lapt_dsl.propose.model.client import Client
from lapt_dsl.propose.model.options import ClientOptions
from lapt_dsl.propose.model.proposer import FELL_BACK, ModelProposer, WriterOptions, Written
from lapt_dsl.propose.model.validation import to_learn, validate
from lapt_dsl.propose.revisions import compile_revision
from tests.effort import either
from tests.propose.model.real_server import MODEL, SLOTS, real_server
from tests.search.trivial_proposer import Trivial

pytest.importorskip("openai")
llguidance = pytest.importorskip("llguidance")
# One server for the whole run: with `--dist loadgroup` one worker runs these tests, and starts first.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("real model")]

SPACES = ("nas201", "trans101", "darts")
REPLIES = either(2, 50)
SHORT = {"max_principles": 1, "max_statements": 1, "max_nesting": 1, "max_sentence": 24, "max_items": 2}
"""Bounds under which every reply ends long before MOST tokens. The rules are those of any grammar of the space."""
MOST = 1200
EXAMPLES = (
    "some path: at least 1 skip;",
    "layers: at most 2 skip;",
    "if layer 0: only skip; then layer 1: never skip;",
    "late layers: prefer skip by 2;",
    "one of {\n    layers: distinct operators;\n  }",
)
PATIENCE = 300.0


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with real_server() as address:
        yield address


def client(url: str, mode: Mode, most: int = MOST, temperature: float = 0.0, seed: int | None = None) -> Client:
    options = ClientOptions(
        url, MODEL, mode=mode, temperature=temperature, seed=seed, max_tokens=most, timeout=PATIENCE, retries=0
    )
    return Client(options)


@cache
def grammar_of(name: str) -> str:
    return decoder_grammar(load_space(name), **SHORT)


@cache
def matcher_of(grammar: str) -> tuple[Any, Any]:
    tokenizer = llguidance.LLTokenizer("byte")
    return tokenizer, llguidance.LLMatcher(tokenizer, llguidance.LLMatcher.grammar_from_lark(grammar))


def is_whole(grammar: str, text: str) -> bool:
    """Whether a text is a whole one of the grammar."""
    tokenizer, fresh = matcher_of(grammar)
    matcher = fresh.deep_copy()
    return bool(matcher.consume_tokens(tokenizer.tokenize_str(text)) and matcher.is_accepting())


def words_for(name: str, seed: int) -> str:
    """Three times in four with an example, which the model often copies: short replies, and now and then another."""
    if seed % 4 == 0:
        return "Write one principle."
    example = EXAMPLES[seed % len(EXAMPLES)]
    return f"Write one like this:\n\nprinciples mine for {name};\n\nprinciple p1 {{\n  {example}\n}}\n"


def said(url: str, words: str, grammar: str, seed: int) -> str:
    """One constrained reply, drawn with a seed; raises where it does not end."""
    asked = client(url, "llamacpp", temperature=1.0, seed=seed)
    try:
        # Without a message of the system the model's template has one of its own, which is longer.
        return asked.ask(asked.request("learn", [Message("system", "."), Message("user", words)], grammar)).text
    finally:
        asked.close()


@pytest.mark.parametrize("name", SPACES)
def test_every_constrained_reply_is_a_principle_file_of_the_space(url: str, name: str) -> None:
    grammar, space = grammar_of(name), load_space(name)
    with ThreadPoolExecutor(SLOTS) as pool:
        replies = list(pool.map(lambda seed: said(url, words_for(name, seed), grammar, seed), range(REPLIES)))
    assert len(set(replies)) > REPLIES // 4
    for reply in replies:
        assert is_whole(grammar, reply), reply
        program, found = check_program(source_of_text(reply, "reply.lp"), ImportScope(texts={}))
        assert program is not None, reply
        _, more = lower_program(program, space)
        assert not [item for item in (*found, *more) if item.severity == "error"], reply


def made_up_archive() -> Archive:
    space = load_space("nas201")
    return Archive(space, "made up", [(arch, float(sum(arch.encoding))) for arch in full(space)])


def test_unconstrained_replies_are_refused_with_findings(url: str) -> None:
    criteria = to_learn(made_up_archive().top(20))
    for seed in range(either(3, 6)):
        asked = client(url, "plain", 40, temperature=1.0, seed=seed)
        exchange = asked.exchange(asked.request("learn", [Message("user", "Write principles for nas201.")]))
        asked.close()
        assert exchange.reply is not None
        result = validate(exchange.reply.text, criteria)
        # Whatever it is: either nothing was wrong with it, or what was is said.
        assert (result.text is None) == any(item.severity == "error" for item in result.diagnostics)


def test_an_unusable_answer_to_a_whole_prompt_is_left_to_the_fallback(url: str) -> None:
    archive = made_up_archive()
    written: list[Written] = []
    asked = client(url, "plain", most=48)
    fallback = Trivial(archive.space)
    options = WriterOptions(rounds=0, prompt_tokens=either(2200, 2600))
    proposer = ModelProposer(archive.space, archive, 20, asked, options, fallback=fallback, watch=written.append)
    text = proposer.learn(archive.top(20))
    asked.close()
    assert 0 < compile_revision(text, "answer.lp", {}, archive.space).refined.size < full(archive.space).size
    assert [each.outcome for each in asked.transcript.exchanges()] == [FELL_BACK]
    assert [(each.task, each.replies, each.outcome) for each in written] == [("learn", 1, FELL_BACK)]


def test_an_invalid_grammar_is_caught_before_it_is_sent(url: str) -> None:
    asked = client(url, "llamacpp", most=8)
    wrong = asked.request("learn", [Message("user", "Say hello.")], 'start: "principles" undefined_rule\n')
    with pytest.raises(LaptError) as caught:
        asked.ask(wrong)
    assert [item.code for item in caught.value.diagnostics] == ["E853"]
    assert not asked.transcript.exchanges()
    # Why that matters: the server takes it, and answers with whatever it likes.
    sent = asked.exchange(wrong, unchecked=True)
    asked.close()
    assert sent.reply is not None
    assert not sent.reply.text.startswith("principles")


def test_replies_at_temperature_0_repeat_exactly_with_or_without_a_kept_prompt(url: str) -> None:
    grammar = grammar_of("trans101")
    texts = []
    for words in ("Write one principle.", "Write one principle on paths.", "Write one principle."):
        asked = client(url, "llamacpp")
        texts.append(asked.ask(asked.request("learn", [Message("user", words)], grammar)).text)
        asked.close()
    assert texts[0] == texts[2]


def test_models_check_finds_that_the_server_is_llama_cpp(url: str) -> None:
    arguments = ["models", "check", "--base-url", url, "--model", MODEL, "--json", "--timeout", "100"]
    result = CliRunner().invoke(Verbs("lapt"), [*arguments, "--seconds", "300"], standalone_mode=False)
    assert result.return_value == 0, result.output
    assert '"best": "llamacpp"' in result.stdout

"""How each kind of server is asked, and where its answer stands in what it sends back.

Servers take a grammar in different places, and ignore what they do not know without a word. Sources: the OpenAI SDK's
types of custom tools and `response_format`, llama.cpp's `grammar` field (Lark text behind `%llguidance {}`), and
vLLM's `structured_outputs`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from lapt_dsl.propose.exchange import Request, Usage
from lapt_dsl.propose.model.records import MOST_TOKENS

Interface = Literal["responses", "chat"]

TOOL = "answer"
TOOL_USE = "Takes the answer to what the user asks. Call it once, with the whole answer as its input and nothing else."
SCHEMA_NAME = "answer"
LLGUIDANCE = "%llguidance {}\n"


@dataclass(frozen=True, slots=True)
class ServerAnswer:
    """What a server's JSON says.

    Attributes:
        text: The answer; empty where there is none.
        usage: Tokens, where they are reported and believable.
        finish: Why the model stopped; `length` for a limit, in either interface.
        refusal: Why the model refuses, else None.
        called: Whether the answer came through the tool, in modes that have one.
        reasoning: Characters of reasoning that came beside the answer.
    """

    text: str
    usage: Usage | None
    finish: str
    refusal: str | None = None
    called: bool = False
    reasoning: int = 0


def shape(request: Request) -> tuple[Interface, dict[str, Any]]:
    """The interface that a request goes to, and the arguments of the SDK's `create`.

    llama.cpp may keep the beginning of a prompt, which is most of it and the same for all questions about a space, only
    at temperature 0: that changes low bits of sums, which a draw may turn into another reply.
    """
    parameters = request.parameters
    messages = [{"role": message.role, "content": message.content} for message in request.messages]
    if request.mode == "openai":
        asked: dict[str, Any] = {"model": request.model, "input": messages, "store": False}
        _take(asked, parameters, {"max_tokens": "max_output_tokens", "temperature": "temperature"})
        if request.grammar is not None:
            asked |= {"tools": [responses_tool(request.grammar)], "parallel_tool_calls": False}
            asked["tool_choice"] = {"type": "custom", "name": TOOL}
        return "responses", asked
    asked = {"model": request.model, "messages": messages}
    longest = "max_completion_tokens" if request.mode == "openai-chat" else "max_tokens"
    _take(asked, parameters, {"max_tokens": longest, "temperature": "temperature", "seed": "seed"})
    if request.mode == "openai-chat" and request.grammar is not None:
        asked |= {"tools": [chat_tool(request.grammar)], "parallel_tool_calls": False}
        asked["tool_choice"] = {"type": "custom", "custom": {"name": TOOL}}
    elif request.mode == "llamacpp":
        asked["extra_body"] = {"cache_prompt": parameters.get("temperature") == 0}
        if request.grammar is not None:
            asked["extra_body"]["grammar"] = LLGUIDANCE + request.grammar
    elif request.mode == "vllm" and request.grammar is not None:
        asked["extra_body"] = {"structured_outputs": {"grammar": request.grammar}}
    elif request.mode == "json_schema" and request.schema is not None:
        described = {"name": SCHEMA_NAME, "schema": request.schema, "strict": True}
        asked["response_format"] = {"type": "json_schema", "json_schema": described}
    return "chat", asked


def responses_tool(grammar: str) -> dict[str, Any]:
    """The custom tool whose input a grammar constrains, as the Responses interface takes it."""
    constraint = {"type": "grammar", "syntax": "lark", "definition": grammar}
    return {"type": "custom", "name": TOOL, "description": TOOL_USE, "format": constraint}


def chat_tool(grammar: str) -> dict[str, Any]:
    """The same tool as the Chat Completions interface takes it: one level deeper."""
    constraint = {"type": "grammar", "grammar": {"syntax": "lark", "definition": grammar}}
    return {"type": "custom", "custom": {"name": TOOL, "description": TOOL_USE, "format": constraint}}


def needs_tool(request: Request) -> bool:
    """Whether the answer to a request comes through a tool."""
    return request.mode in ("openai", "openai-chat") and request.grammar is not None


def read(interface: Interface, value: object) -> ServerAnswer:
    """The answer in a server's JSON.

    Raises:
        ValueError: it has another shape; the message says where.
    """
    body = _mapping(value, "the reply")
    return _read_responses(body) if interface == "responses" else _read_chat(body)


def error_in(value: object) -> str | None:
    """The words of an error that stands where an answer should, or None."""
    if not isinstance(value, Mapping) or not value.get("error"):
        return None
    error = value["error"]
    words = error.get("message") if isinstance(error, Mapping) else error
    return words if isinstance(words, str) else "an error without a message"


def _take(asked: dict[str, Any], parameters: Mapping[str, Any], names: Mapping[str, str]) -> None:
    asked.update({theirs: parameters[ours] for ours, theirs in names.items() if ours in parameters})


def _read_chat(body: Mapping[str, Any]) -> ServerAnswer:
    choices = _sequence(body.get("choices"), "`choices`")
    choice = _mapping(choices[0] if choices else None, "`choices[0]`")
    message = _mapping(choice.get("message"), "`message`")
    usage = _usage(body.get("usage"), "prompt_tokens", "completion_tokens")
    finish = _word(choice.get("finish_reason"))
    refusal = message.get("refusal") or ("a content filter stopped it" if finish == "content_filter" else None)
    reasoning = len(_word(message.get("reasoning_content") or message.get("reasoning")))
    for call in _sequence(message.get("tool_calls") or [], "`tool_calls`"):
        custom = _mapping(call, "`tool_calls[0]`").get("custom")
        if isinstance(custom, Mapping):
            return ServerAnswer(_text(custom.get("input"), "`input`"), usage, finish, refusal, True, reasoning)
    return ServerAnswer(_content(message.get("content")), usage, finish, refusal, False, reasoning)


def _read_responses(body: Mapping[str, Any]) -> ServerAnswer:
    usage = _usage(body.get("usage"), "input_tokens", "output_tokens")
    stopped = body.get("incomplete_details")
    reason = _word(stopped.get("reason")) if isinstance(stopped, Mapping) else ""
    finish = "length" if reason == "max_output_tokens" else reason or _word(body.get("status"))
    refusal = "a content filter stopped it" if reason == "content_filter" else None
    texts: list[str] = []
    for item in _sequence(body.get("output"), "`output`"):
        kind = _mapping(item, "`output[0]`").get("type")
        if kind == "custom_tool_call":
            return ServerAnswer(_text(item.get("input"), "`input`"), usage, finish, refusal, True)
        if kind == "message":
            for part in _sequence(item.get("content"), "`content`"):
                part = _mapping(part, "`content[0]`")
                if part.get("type") == "refusal":
                    refusal = _word(part.get("refusal")) or "no reason given"
                elif part.get("type") == "output_text":
                    texts.append(_text(part.get("text"), "`text`"))
    return ServerAnswer("".join(texts), usage, finish, refusal)


def _content(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    parts = _sequence(value, "`content`")
    return "".join(_text(_mapping(part, "`content[0]`").get("text", ""), "`text`") for part in parts)


def _usage(value: object, prompt: str, completion: str) -> Usage | None:
    """Counts are worth having, not worth failing for: what cannot be one is as good as not reported."""
    if not isinstance(value, Mapping):
        return None
    counts = [value.get(prompt), value.get(completion)]
    if not all(isinstance(n, int) and not isinstance(n, bool) and 0 <= n <= MOST_TOKENS for n in counts):
        return None
    return Usage(value[prompt], value[completion])


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""


def _text(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{what} is no text")
    return value


def _mapping(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{what} is missing or no object")
    return value


def _sequence(value: object, what: str) -> Sequence[Any]:
    if not isinstance(value, list):
        raise ValueError(f"{what} is missing or no list")
    return value

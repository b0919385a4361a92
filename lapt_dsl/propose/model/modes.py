"""How each kind of server is asked. The module `answers` reads what it sends back.

Servers take a grammar in different places, and ignore what they do not know without a word. Sources: the OpenAI SDK's
types of custom tools and `response_format`, llama.cpp's `grammar` field (Lark text behind `%llguidance {}`), and
vLLM's `structured_outputs`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from lapt_dsl.propose.exchange import Request

Interface = Literal["responses", "chat"]

TOOL = "answer"
TOOL_USE = "Takes the answer to what the user asks. Call it once, with the whole answer as its input and nothing else."
SCHEMA_NAME = "answer"
LLGUIDANCE = "%llguidance {}\n"


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


def error_in(value: object) -> str | None:
    """The message of an error that a server sent in place of an answer, or None."""
    if not isinstance(value, Mapping) or not value.get("error"):
        return None
    error = value["error"]
    words = error.get("message") if isinstance(error, Mapping) else error
    return words if isinstance(words, str) else "an error without a message"


def _take(asked: dict[str, Any], parameters: Mapping[str, Any], names: Mapping[str, str]) -> None:
    asked.update({theirs: parameters[ours] for ours, theirs in names.items() if ours in parameters})

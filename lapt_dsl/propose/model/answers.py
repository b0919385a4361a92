"""Where the answer of a model is in the JSON of a server: Pydantic models of both interfaces of OpenAI.

Only what is read is described, and servers may add what they like. Types are not converted, so a number where a text
belongs is an error. Imported only when a server is asked, since Pydantic comes with the extra `llm`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from lapt_dsl.propose.exchange import Usage
from lapt_dsl.propose.model.modes import Interface
from lapt_dsl.propose.model.records import MOST_TOKENS

OTHER = "other"
FILTERED = "a content filter stopped it"
_WORDS = {
    "missing": "is missing",
    "model_type": "is no object",
    "list_type": "is no list",
    "string_type": "is no text",
    "too_short": "is empty",
}
"""What is wrong, by the kind of a Pydantic error. Its own messages name Python classes."""


@dataclass(frozen=True, slots=True)
class ServerAnswer:
    """What a server's JSON says.

    Attributes:
        text: The answer; empty where there is none.
        usage: Tokens, where they are reported and plausible.
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


def read(interface: Interface, value: object) -> ServerAnswer:
    """The answer in a server's JSON.

    Raises:
        ValueError: It has another format. The message names the place, and holds nothing of the value: that could be
            the key, or long.
    """
    try:
        return (_Responses if interface == "responses" else _Chat).model_validate(value).answer()
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        raise ValueError(f"{_place(first['loc'])} {_WORDS.get(first['type'], first['msg'])}") from None


def _place(path: tuple[int | str, ...]) -> str:
    names = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path if part != OTHER)
    return f"`{names.removeprefix('.')}`" if path else "the reply"


def _or_empty(value: object) -> object:
    return value if isinstance(value, str) else ""


def _unless_falsy(value: object) -> object:
    return value or None


def _if_object(value: object) -> object:
    return value if isinstance(value, Mapping) else None


def _as_parts(value: object) -> object:
    if value is None:
        return []
    return [{"text": value}] if isinstance(value, str) else value


def _or_none(value: object, check: ValidatorFunctionWrapHandler) -> object:
    try:
        return check(value)
    except ValidationError:
        return None


def _one_of(*types: str) -> Discriminator:
    """Chooses the model of an item by its `type`; `other` for types that hold no answer."""

    def tag(item: object) -> str:
        found = item.get("type") if isinstance(item, Mapping) else None
        return found if isinstance(found, str) and found in types else OTHER

    return Discriminator(tag)


Word = Annotated[str, BeforeValidator(_or_empty)]
"""A text that is only shown. Servers put null or nothing there, and no answer is lost for it."""

Count = Annotated[int, Field(ge=0, le=MOST_TOKENS)]


class _Record(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


class _ChatUsage(_Record):
    prompt_tokens: Count
    completion_tokens: Count


class _ResponsesUsage(_Record):
    input_tokens: Count
    output_tokens: Count


class _TextPart(_Record):
    text: str = ""


class _Input(_Record):
    input: str


class _ToolCall(_Record):
    custom: Annotated[_Input | None, BeforeValidator(_if_object)] = None


class _ChatMessage(_Record):
    content: Annotated[list[_TextPart], BeforeValidator(_as_parts)] = []
    refusal: Annotated[str | None, BeforeValidator(_unless_falsy)] = None
    reasoning: Word = ""
    reasoning_content: Word = ""
    tool_calls: Annotated[list[_ToolCall] | None, BeforeValidator(_unless_falsy)] = None


class _Choice(_Record):
    message: _ChatMessage
    finish_reason: Word = ""


class _Chat(_Record):
    """A reply of the Chat Completions interface."""

    choices: Annotated[list[_Choice], Field(min_length=1)]
    # Counts are worth having, not worth failing for: an impossible count is treated as not reported.
    usage: Annotated[_ChatUsage | None, WrapValidator(_or_none)] = None

    def answer(self) -> ServerAnswer:
        choice = self.choices[0]
        message, finish = choice.message, choice.finish_reason
        usage = None if self.usage is None else Usage(self.usage.prompt_tokens, self.usage.completion_tokens)
        refusal = message.refusal or (FILTERED if finish == "content_filter" else None)
        reasoning = len(message.reasoning_content or message.reasoning)
        inputs = [call.custom.input for call in message.tool_calls or () if call.custom is not None]
        text = inputs[0] if inputs else "".join(part.text for part in message.content)
        return ServerAnswer(text, usage, finish, refusal, bool(inputs), reasoning)


class _OutputText(_Record):
    type: Literal["output_text"]
    text: str


class _Refusal(_Record):
    type: Literal["refusal"]
    refusal: Word = ""


class _Other(_Record):
    """An item or part of a kind that holds no answer, such as reasoning."""


_Part = Annotated[
    Annotated[_OutputText, Tag("output_text")] | Annotated[_Refusal, Tag("refusal")] | Annotated[_Other, Tag(OTHER)],
    _one_of("output_text", "refusal"),
]


class _Call(_Input):
    type: Literal["custom_tool_call"]


class _OutputMessage(_Record):
    type: Literal["message"]
    content: list[_Part]


_Item = Annotated[
    Annotated[_Call, Tag("custom_tool_call")]
    | Annotated[_OutputMessage, Tag("message")]
    | Annotated[_Other, Tag(OTHER)],
    _one_of("custom_tool_call", "message"),
]


class _Stop(_Record):
    reason: Word = ""


class _Responses(_Record):
    """A reply of the Responses interface."""

    output: list[_Item]
    status: Word = ""
    incomplete_details: Annotated[_Stop | None, BeforeValidator(_if_object)] = None
    usage: Annotated[_ResponsesUsage | None, WrapValidator(_or_none)] = None

    def answer(self) -> ServerAnswer:
        usage = None if self.usage is None else Usage(self.usage.input_tokens, self.usage.output_tokens)
        reason = "" if self.incomplete_details is None else self.incomplete_details.reason
        finish = "length" if reason == "max_output_tokens" else reason or self.status
        refusal = FILTERED if reason == "content_filter" else None
        texts: list[str] = []
        for item in self.output:
            if isinstance(item, _Call):
                return ServerAnswer(item.input, usage, finish, refusal, called=True)
            for part in item.content if isinstance(item, _OutputMessage) else ():
                if isinstance(part, _Refusal):
                    refusal = part.refusal or "no reason given"
                elif isinstance(part, _OutputText):
                    texts.append(part.text)
        return ServerAnswer("".join(texts), usage, finish, refusal)

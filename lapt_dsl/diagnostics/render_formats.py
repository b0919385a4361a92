"""Render diagnostics for programs: JSON, GitHub workflow commands and SARIF 2.1.0."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lapt_dsl.diagnostics.codes import CODES
from lapt_dsl.diagnostics.snippet import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lapt_dsl.diagnostics.diagnostic import Diagnostic
    from lapt_dsl.diagnostics.span import Span

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render_json(diagnostics: Sequence[Diagnostic]) -> str:
    """A JSON list with, per diagnostic, `code`, `name`, `severity`, `message`, `hint`, `span`, `notes` and `fix`."""
    return _dump([_json(item) for item in diagnostics])


def _json(item: Diagnostic) -> dict[str, Any]:
    known = CODES.get(item.code)
    return {
        "code": item.code,
        "name": known.name if known else None,
        "severity": item.severity,
        "message": item.message,
        "hint": item.hint,
        "span": _span(item.span),
        "notes": [{"message": note.message, "span": _span(note.span) if note.span else None} for note in item.notes],
        "fix": {"span": _span(item.fix.span), "text": item.fix.text} if item.fix else None,
    }


def _span(span: Span) -> dict[str, Any]:
    return {"file": span.file, "line": span.line, "column": span.column, "start": span.start, "end": span.end}


def render_github(diagnostics: Sequence[Diagnostic]) -> str:
    """One workflow command per diagnostic, which GitHub shows as an annotation of the line."""
    lines = []
    for item in diagnostics:
        kind = {"error": "error", "warning": "warning", "note": "notice"}[item.severity]
        general = [note.message for note in item.notes if note.span is None]
        text = "\n".join(plain(each) for each in (item.message, item.hint, *general) if each is not None)
        properties = {
            "file": plain(item.span.file),
            "line": item.span.line,
            "col": item.span.column,
            "title": item.code,
        }
        listed = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
        lines.append(f"::{kind} {listed}::{_data(text)}\n")
    return "".join(lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def render_sarif(diagnostics: Sequence[Diagnostic]) -> str:
    """A SARIF log with one run; its rules are the codes that occur."""
    used = sorted({item.code for item in diagnostics})
    rules = [_rule(code) for code in used]
    results = [_result(item, used.index(item.code)) for item in diagnostics]
    driver = {"name": "lapt", "rules": rules}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return _dump({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(code: str) -> dict[str, Any]:
    known = CODES.get(code)
    if known is None:
        return {"id": code}
    return {
        "id": code,
        "name": "".join(part.capitalize() for part in known.name.split("-")),
        "shortDescription": {"text": known.summary},
        "fullDescription": {"text": known.why},
        "defaultConfiguration": {"level": known.severity},
    }


def _result(item: Diagnostic, rule: int) -> dict[str, Any]:
    text = item.message if item.hint is None else f"{item.message}. {item.hint}"
    result: dict[str, Any] = {
        "ruleId": item.code,
        "ruleIndex": rule,
        "level": item.severity,
        "message": {"text": text},
        "locations": [_location(item.span)],
    }
    related = [{**_location(note.span), "message": {"text": note.message}} for note in item.notes if note.span]
    if related:
        result["relatedLocations"] = related
    general = [note.message for note in item.notes if note.span is None]
    if general:
        result["properties"] = {"notes": general}
    if item.fix:
        replacement = {"deletedRegion": _region(item.fix.span), "insertedContent": {"text": item.fix.text}}
        change = {"artifactLocation": {"uri": _uri(item.fix.span.file)}, "replacements": [replacement]}
        result["fixes"] = [{"description": {"text": item.hint or item.message}, "artifactChanges": [change]}]
    return result


def _location(span: Span) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": {"uri": _uri(span.file)}, "region": _region(span)}}


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "charOffset": span.start,
        "charLength": max(span.end - span.start, 0),
    }


def _uri(file: str) -> str:
    from urllib.parse import quote

    return quote(file.replace("\\", "/"), safe="/:")


def _dump(value: object) -> str:
    # Lone surrogates cannot be encoded as UTF-8, so everything outside ASCII is escaped.
    return json.dumps(value, indent=2, ensure_ascii=True) + "\n"

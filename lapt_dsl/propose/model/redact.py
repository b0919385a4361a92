"""Removal of the key from everything that is shown or stored."""

from __future__ import annotations

import json
import logging
from urllib.parse import quote, quote_plus

SHORTEST = 8
"""Shorter keys (`EMPTY`, `none`) are placeholders for servers without keys. Hiding them would only garble texts."""
HIDDEN = "[key]"
# These log headers at level DEBUG, and a server may repeat the key in a header.
_LOGGERS = ("openai", "httpx", "httpcore")


class Redactor:
    """Replaces a key in texts, in plain, JSON and URL encoding."""

    def __init__(self, key: str | None) -> None:
        """With None or a short key, nothing is hidden."""
        self._forms: tuple[str, ...] = ()
        if key is not None and len(key) >= SHORTEST:
            quoted = json.dumps(key)[1:-1]
            forms = {key, quoted, quoted.replace("/", "\\/"), quote(key), quote(key, safe=""), quote_plus(key)}
            self._forms = tuple(sorted(forms, key=lambda form: (-len(form), form)))

    def __call__(self, text: str) -> str:
        """The text without the key."""
        for form in self._forms:
            text = text.replace(form, HIDDEN)
        return text

    def watch_logs(self) -> None:
        """Hide the key in all logs of the HTTP libraries from now on."""
        if not self._forms:
            return
        seen = _Filter(self)
        for name in list(logging.root.manager.loggerDict):
            if name.startswith(_LOGGERS):
                logger = logging.getLogger(name)
                if not any(isinstance(old, _Filter) and old.hides(self) for old in logger.filters):
                    logger.addFilter(seen)


class _Filter(logging.Filter):
    """Hides a key in log records before any handler sees them."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def hides(self, redactor: Redactor) -> bool:
        """Whether this filter hides the same key."""
        return self._redactor._forms == redactor._forms

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the record, without the key."""
        message = record.getMessage()
        clean = self._redactor(message)
        if clean != message:
            record.msg, record.args = clean, None
        return True

"""Where a language model is: its address, and whether text that goes there leaves this machine."""

from __future__ import annotations

import ipaddress
import sys
import threading
from dataclasses import dataclass
from urllib.parse import urlsplit

from rag.errors import ModelError

_KNOWN = {"openai": "https://api.openai.com/v1", "ollama": "http://127.0.0.1:11434"}
_told: set[str] = set()
_telling = threading.Lock()


@dataclass(frozen=True, slots=True)
class Address:
    """`url` is None where only the provider's library knows it; `host` is with its port, for messages."""

    url: str | None
    host: str
    outside: str | None

    def tell(self) -> None:
        """Say on stderr, once a process for each host, that text is sent out of this machine."""
        with _telling:
            if self.outside is None or self.outside in _told:
                return
            _told.add(self.outside)
        print(f"rag: sending questions and passages to {self.outside} (RAG_LLM_BASE_URL)", file=sys.stderr)


def address(base_url: str | None, provider: str) -> Address:
    """The address that is set, else the provider's own. Raises ModelError for one that is none."""
    url = (base_url or _KNOWN.get(provider, "")).strip().rstrip("/")
    if not url:
        return Address(None, provider, provider)
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        parts, port = urlsplit(""), ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ModelError("RAG_LLM_BASE_URL is no address; it looks like http://127.0.0.1:8080/v1")
    return Address(url, f"{parts.hostname}{port}", None if _is_here(parts.hostname) else parts.hostname)


def _is_here(host: str) -> bool:
    """Whether a host is this machine by its name or number."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        return False
    return number.is_loopback or number.is_unspecified

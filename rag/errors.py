"""The error tree. A class is named by what the caller does next; every message names the thing and the remedy.

RagError
├── InputError      fix the input: a path, a question, an option
├── StoreError      fix the store: another embedder, a damaged folder, no rights
│   └── StoreBusy   wait: another process is writing
└── MissingExtra    install something: the message holds the command
"""


class RagError(Exception):
    """Any failure that this package explains in one line."""


class InputError(RagError):
    """What the user gave cannot be used."""


class StoreError(RagError):
    """The store cannot be used as it is."""


class StoreBusy(StoreError):
    """Another process holds the store's writer lock."""


class MissingExtra(RagError):
    """An optional dependency is not installed."""

"""The error tree. A class is named by what the caller does next; every message names the thing and the remedy.

RagError
├── InputError      fix the input: a path, a question, an option
├── StoreError      fix the store: another embedder, a damaged folder, no rights
│   └── StoreBusy   wait: another process is writing
├── ModelError      fix the language model's settings: address, key, name, context
│   └── ModelBusy   try later: overloaded, out of time, cut off, an unusable reply
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


class ModelError(RagError):
    """The language model cannot be used as it is set."""


class ModelBusy(ModelError):
    """The language model did not answer usably this time."""


class MissingExtra(RagError):
    """An optional dependency is not installed."""

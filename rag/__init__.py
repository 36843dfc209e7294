"""Ask a pile of news articles what happened, and get an answer that can be checked."""

__version__ = "0.1.0"

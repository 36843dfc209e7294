"""The harness: measures what the package does. It imports `rag`, never the reverse."""

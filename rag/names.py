"""Names across scripts: found in articles and questions, compared, and met with the stored ones."""

from __future__ import annotations

from rag.aliases import Aliases, load_aliases
from rag.bridge import Likeness, same
from rag.capitals import as_governments
from rag.mentions import find
from rag.name_index import NameIndex
from rag.name_questions import in_question
from rag.name_rewrite import rewrite
from rag.offices import named as named_by_office
from rag.places import country, is_adjective, is_region, organisation_everywhere

__all__ = [
    "Aliases",
    "Likeness",
    "NameIndex",
    "as_governments",
    "country",
    "find",
    "in_question",
    "is_adjective",
    "is_region",
    "load_aliases",
    "named_by_office",
    "organisation_everywhere",
    "rewrite",
    "same",
]

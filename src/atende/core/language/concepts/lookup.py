"""What words are about, and what sentences do: the same names in Portuguese, Spanish and English."""

from typing import Final

from atende.core.language.concepts import customers, en, es, ours, pt
from atende.core.language.languages import Language
from atende.core.language.phrasebook import Phrasebook

CONCEPTS: Final[dict[Language, Phrasebook]] = {
    "pt": Phrasebook(pt.TABLE),
    "en": Phrasebook(en.TABLE),
    "es": Phrasebook(es.TABLE),
}
"""What words are about: a small thesaurus."""

OUR_ACTS: Final = Phrasebook(ours.TABLE)
"""What our side does: promises, asks, offers, tells that something is done."""

CUSTOMER_ACTS: Final = Phrasebook(customers.TABLE)
"""What a customer does: asks, wants, promises, takes in, lets go."""

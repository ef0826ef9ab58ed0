"""Names of records: companies, people and things, in several languages and with numbers."""

from __future__ import annotations

import random
from dataclasses import dataclass

__all__ = ["Record", "make_record"]

_COMPANIES = (
    *("Müller", "Nordwind", "Acme", "Bright Path", "Óscar & Hijos", "Delta 9", "K&P", "Tanaka"),
    *(
        "Moreau",
        "Blue Harbor",
        "Fjord 24",
        "Okafor",
        "Sato",
        "Rossi",
        "Van Dijk",
        "Quantum 7",
        "Café Lumière",
    ),
)
_FORMS = ("GmbH", "Ltd", "Inc.", "S.A.", "AG", "KK", "& Co", "B.V.", "SL")
_FIRST = (
    *("Ana", "Ben", "Chidi", "Dora", "Émile", "Fatima", "Goran", "Hana", "Ivo", "Jun", "Katja", "Luís"),
    *("Mei", "Noor", "Olga", "Pavel", "Quinn", "Rosa", "Sven", "Tariq", "Uma", "Vera", "Wen", "Ximena"),
)
_LAST = (
    *("Abe", "Berger", "Costa", "Dubois", "Ek", "Fuchs", "García", "Huber", "Ito", "Jansen", "Kowalski"),
    *("Lopez", "Meyer", "Nowak", "Okoro", "Peeters", "Quispe", "Ruiz", "Schmidt", "Tamm", "Ueda", "Vogel"),
)
_THINGS = (
    *(
        "Website relaunch",
        "Q3 planning",
        "Lampe Modell 12",
        "Silla de roble",
        "Data import v2",
        "Autumn sale",
    ),
    *("Room 204", "Kit de inicio", "Roadmap 2027", "Brochure A5", "Onboarding", "Mesa 80x120", "Office move"),
)


@dataclass(frozen=True, slots=True)
class Record:
    """A record of the app, such as an invoice.

    Args:
        id: as in the page's URL.
        name: as the app shows it.
    """

    id: str
    name: str


def make_record(pattern: str, names: str, number: int) -> Record:
    """Return a record, always the same for the same arguments.

    Args:
        pattern: of the id, with ``{n}`` or ``{uuid}``.
        names: ``companies``, ``people`` or ``things``.
        number: which one.
    """
    luck = random.Random(f"{pattern} {names} {number}")  # noqa: S311 - the same names each time, and no secret
    digits = luck.randrange(1000, 99_999)
    made = f"{luck.getrandbits(128):032x}"
    uuid = f"{made[:8]}-{made[8:12]}-4{made[13:16]}-a{made[17:20]}-{made[20:]}"
    name = {
        "companies": f"{luck.choice(_COMPANIES)} {luck.choice(_FORMS)}",
        "people": f"{luck.choice(_FIRST)} {luck.choice(_LAST)}",
        "things": f"{luck.choice(_THINGS)} {luck.choice(('', '', '(2)', '#' + str(digits % 90)))}".strip(),
    }[names]
    return Record(pattern.format(n=digits, uuid=uuid), name)

"""Finds passwords that look like words ("Passwort: Sommer"), and pairs ("Login: anna / Sommer2024")."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rasa_autoplay.events.masking.codes_in_sentences import CREDENTIAL
from rasa_autoplay.events.masking.names import folded, words_of

__all__ = ["find_credentials"]

#: Maximum distance between a value and the beginning of its name (characters).
_NEAR = 48
_LAST_WORD = re.compile(r":\s{0,2}(?P<value>[^\W\d_]{4,32})[.!]?$")
_CREDENTIAL = re.compile(rf"(?<![a-z0-9]){CREDENTIAL}\s?$")
_PAIR = re.compile(
    r":\s{0,2}(?P<value>[^\s/|:,]{1,64}(?: ?[/|] ?|:)"
    r"(?=[!-~]{0,64}\d)(?=[!-~]{0,64}[A-Za-z])[!-~]{5,64})(?!\S)"
)
_CREDENTIALS = re.compile(
    r"(?<![a-z])(?:zugangsdaten|anmeldedaten|logindaten|credentials?|log-?in|sign-?in|account|identifiants?"
    r"|credenciales|credenziali|credenciais|inloggegevens|dane logowania|giris bilgileri|ログイン情報)\s?$"
)
#: Words about a password that are not the password, in lower case without accents.
_HINTS = words_of(
    """
    required optional mandatory hidden changed updated saved weak fair good medium strong secure
    insecure invalid valid incorrect correct wrong expired missing empty none show hide reset forgot
    forgotten change edit copy visible enabled disabled unknown never default enter confirm
    confirmed match mismatch short protected generate generated unchanged true false erforderlich
    verborgen geandert schwach mittel stark ungultig gultig falsch richtig abgelaufen fehlt leer
    anzeigen verbergen zurucksetzen vergessen andern pflichtfeld sicher unsicher notwendig benotigt
    gespeichert requis obligatoire facultatif masque modifie faible moyen fort invalide valide
    expire manquant vide afficher masquer oublie modifier requerida requerido obligatorio
    obligatoria opcional oculta oculto cambiada debil media fuerte invalida incorrecta caducada
    mostrar ocultar cambiar olvidada vacia segura richiesta obbligatoria facoltativa nascosta
    modificata debole forte errata scaduta mancante vuota mostra nascondi cambia obrigatoria
    alterada fraca incorreta expirada alterar vazia verplicht optioneel gewijzigd zwak gemiddeld
    sterk ongeldig onjuist verlopen leeg tonen wijzigen vergeten wymagane wymagany opcjonalne ukryte
    zmienione slabe srednie silne nieprawidlowe bledne wygaslo pokaz ukryj zmien puste gerekli
    zorunlu gizli degistirildi zayif orta guclu gecersiz yanlis goster gizle degistir
    """
)


def find_credentials(text: str) -> Iterator[tuple[int, int]]:
    """Yield the places of such passwords and pairs."""
    last = _LAST_WORD.search(text)
    if last is not None and _CREDENTIAL.search(_before(last)) and folded(last["value"]) not in _HINTS:
        yield last.span("value")
    for pair in _PAIR.finditer(text):
        if _CREDENTIALS.search(_before(pair)):
            yield pair.span("value")


def _before(match: re.Match[str]) -> str:
    return folded(match.string[max(0, match.start() - _NEAR) : match.start()])

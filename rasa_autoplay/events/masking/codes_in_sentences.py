"""Finds codes and passwords in sentences: "Login code 55 12 90", "482913 is your PIN"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rasa_autoplay.events.masking.names import folded

__all__ = ["CREDENTIAL", "find_codes"]

#: Maximum distance between a value and its noun (characters). The limit keeps the search linear.
_NEAR = 48

_CODE = (
    r"(?:[a-z0-9]{0,24}(?:passcodes?|pincode|codes?)|[a-z]{0,8}code-?pin|codigos?|codic[ei]|kod(?:u|unuz"
    r"|em|y|ow)?|\w{0,16}kod"
    r"|otp|totp|m?tan|puk|pins?|cvv2?|cvc2?|csc"
    r"|\w{0,16}pruefnummer|\w{0,16}prufnummer|geheimzahl|\w{0,12}kennzahl|einmalpasswort|einmalkennwort"
    r"|eenmalig wachtwoord"
    r"|kryptogramme|cryptogramme|verificatienummer|пароль|код)"
)
#: Words for a password, in lower case without accents.
CREDENTIAL = (
    r"(?:\w{0,24}(?:passwords?|passwort|kennwort|wachtwoord|passphrase)|passwd|pwd|pw|mot de passe|mdp"
    r"|contrasena|clave|senha|palavra-passe|parola|haslo|sifre(?:niz|si|n)?|parolaniz)"
)
_JAPANESE = (
    r"(?:認証|確認|暗証|セキュリティ|ログイン|リカバリー|ワンタイム)(?:コード|番号|パスワード)|暗証番号"
    r"|パスワード"
    r"|(?:رمز|كود) ?(?:ال\w{2,12})?(?: الخاص بك)?|كلمة (?:المرور|السر)"
)
#: The purpose of a code: "… de vérification", "… di accesso", "à usage unique".
_OF = (
    r"(?:\s(?:de|di|da|do|d'|of|voor|for|zur|fur|a|para|per|per l'|pour)\s?[\w']{2,20}(?:\sunic[oa]"
    r"|\sunique)?"
    r"|\s(?:dinamica|weryfikacyjny|jednorazow[ye]|dostepu|bezpieczenstwa|temporar[yi]\w?|provisoire"
    r"|temporal|number|nr))?"
)
_IS = r"(?:\s(?:is now|is|lautet|ist|est|es|e|to|jest|are|sind|sont|son|sao|sono|zijn))?"
_BEFORE = re.compile(
    rf"(?:(?<![a-z0-9])(?P<noun>{_CODE}|(?P<password>{CREDENTIAL})){_OF}{_IS}|(?:{_JAPANESE})\s?(?:[はが]"
    rf"|هو|هي)?)[\s:=#\-\"'“„«「]{{0,4}}$"
)
_IS_AFTER = r"(?:is|ist|est|es|e|to|jest|dir|are|als|as|como|comme|come)"
_AFTER = re.compile(
    rf"[\s\"'”“»]{{0,3}}(?:{_IS_AFTER})\s(?:[a-z']{{1,12}}\s){{0,3}}[\w'-]{{0,24}}(?:{_CODE}"
    rf"|{CREDENTIAL})(?![a-z0-9])"
    rf"|[がは](?:あなたの|お客様の)?(?:{_JAPANESE})"
)
#: Three to ten digits, alone or in groups: "482913", "48 29 13", "4-8-2-9".
_DIGITS = re.compile(
    r"(?<![0-9A-Za-z])(?<![0-9][.,/:\-])[0-9](?:[ \-]?[0-9]){2,9}(?![0-9A-Za-z%])(?![.,/:\-][0-9])"
)
#: Letters and digits, mixed.
_MIXED = re.compile(r"(?<![!-~])(?=[!-~]{0,64}[0-9])(?=[!-~]{0,64}[A-Za-z])[!-~]{5,64}(?![!-~])")
_OF_A_CARD = re.compile(
    r"cv[vc]|csc|security code|pru?e?fnummer|crypto|sicherheits|seguridad|securite|sicurezza|seguranca"
)
_YEAR = re.compile(r"(?:19|20)\d\d(?:[ \-]\d\d?)?(?:[ \-]\d\d?)?")
#: Codes of these things are not secret.
_HARMLESS = re.compile(
    r"(?:error|status|country|area|zip|postal|post|exit|product|promo|discount|coupon|currency|language"
    r"|http|colou?r|hs"
    r"|fault|reason|response|dial|bar|qr|item|order|sku|region|branch|source|fehler|vorwahl|artikel"
    r"|erreur|pays|prodotto"
    r"|postleit|plz|gutschein|rabatt|produkt|lander|landes|waehrungs|farb|strich|dress|airport|tax|cost"
    r"|vat|iata|icao"
    r"|hata|posta|urun|alan|bledu|kreskowy)"
    r"[\s-]?(?:code|codes|kod|kodu|codigo|codice)$"
)
_HARMLESS_AFTER = re.compile(
    r"(?:postal|post\w*|produit|prodotto|produto|producto|pocztowy|d'erreur|erreur|error|erro|errore"
    r"|bledu|pays|barras|barre"
    r"|articulo|articolo|artigo|produktu|promo\w*|descuento|sconto|desconto|zip|area|http)"
)
_COUNTED = re.compile(
    r"\s?(?:digits?|characters?|zeichen|stellen|left|remaining|codes?|%|days?|of|minutes?|x)\b"
)


def find_codes(text: str) -> Iterator[tuple[int, int]]:
    """Yield the places of such values."""
    for match in _DIGITS.finditer(text):
        if _is_code(match):
            yield match.span()
    for match in _MIXED.finditer(text):
        noun = _BEFORE.search(_before(match))
        if noun is not None and (noun["password"] or noun["noun"] is None):
            yield match.span()


def _before(match: re.Match[str]) -> str:
    return folded(match.string[max(0, match.start() - _NEAR) : match.start()])


def _is_code(match: re.Match[str]) -> bool:
    text, end, value = match.string, match.end(), match[0]
    after = folded(text[end : end + _NEAR])
    if _COUNTED.match(after) or _YEAR.fullmatch(value):
        return False
    before = _before(match)
    noun = _BEFORE.search(before)
    if noun is None:
        return len(value) >= 4 and _is_named_after(after)
    if noun["noun"] is not None and not _is_private(before[: noun.end("noun")], noun):
        return False
    count = sum(char.isdigit() for char in value)
    return count >= 4 or noun["noun"] is None or _is_short_code(before, noun)


def _is_named_after(after: str) -> bool:
    found = _AFTER.match(after)
    return found is not None and _HARMLESS.search(found[0]) is None


def _is_private(until_noun: str, noun: re.Match[str]) -> bool:
    return _HARMLESS.search(until_noun) is None and _HARMLESS_AFTER.search(noun[0]) is None


def _is_short_code(before: str, noun: re.Match[str]) -> bool:
    """Whether three digits are enough, because they are the security code of a card."""
    return _OF_A_CARD.search(before, max(0, noun.start("noun") - 9)) is not None

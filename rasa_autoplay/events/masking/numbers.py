"""Masks numbers of people: payment cards, IBANs, telephone numbers, and other numbers of that length."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from rasa_autoplay.events.masking.names import folded

__all__ = ["is_article_number", "is_card_number", "mask_numbers"]

_MANY_DIGITS = re.compile(r"\d(?:[^\d\w]{0,3}_?\d){6}")

_PLAIN_CARD = re.compile(r"(?<!\d)\d{13,19}(?!\d)")
_BETWEEN = r"(?:[^\w\n]{1,3}|_)"
_GROUPED_CARD = re.compile(
    rf"(?<!\d)(?:\d{{4}}(?P<gap>{_BETWEEN})\d{{4}}(?P=gap)\d{{4}}(?P=gap)\d{{1,7}}|\d{{4}}{_BETWEEN}\d{{6}}{_BETWEEN}\d{{4,5}})"
    r"(?!\d)"
)
#: Prefixes of Visa, Mastercard, Maestro, American Express, Diners, JCB, Discover and UnionPay.
_ISSUERS = re.compile(r"4|5[0-8]|2[2-7]|3(?:0[0-5]|[4-9])|6")
_YEARS = re.compile(r"(?:19|20)\d\d(?:\W{1,3}(?:19|20)\d\d){3}")
_IBAN = re.compile(r"(?<![0-9A-Za-z])[A-Za-z]{2}\d{2}(?:[ \-]?[0-9A-Za-z]){11,42}")
#: The length of an IBAN by country.
_IBAN_LENGTHS = {
    country: length
    for length, countries in {
        15: "NO",
        16: "BE",
        18: "DK FI FO GL NL",
        19: "MK SI",
        20: "AT BA EE KZ LT LU XK",
        21: "CH HR LI LV",
        22: "BG BH CR DE GB GE IE ME RS VA",
        23: "AE GI IL IQ OM TL",
        24: "AD CZ ES MD PK RO SA SE SK TN VG",
        25: "LY PT ST",
        26: "IS TR",
        27: "FR GR IT MC MR SM",
        28: "AL AZ BY CY DO GT HU LB PL SV",
        29: "BR EG PS QA UA",
        30: "JO KW MU",
        31: "MT SC",
        32: "LC",
        33: "RU",
    }.items()
    for country in countries.split()
}
#: The Italian codice fiscale, and the British National Insurance number in groups.
_PERSONS = re.compile(
    r"\b(?:[A-Z]{3} ?[A-Z]{3} ?\d\d[A-EHLMPRST]\d\d ?[A-Z]\d{3}[A-Z]|[A-Z]{2} \d\d \d\d \d\d [A-D])\b"
)
#: The Brazilian CPF.
_DOTTED_ID = re.compile(r"(?<![\d.])\d{3}\.\d{3}\.\d{3}-\d\d(?!\d)")

_GAP = r"(?:[\s()./\-\u2010-\u2015\u2212]{0,2}| [/\-\u2013] )"
#: Dates and rows of years, which stay; or at least eight digits, which are checked.
_DIGITS = re.compile(
    r"(?<!\d)(?<!\d[./\-])(?:(?:19|20)\d\d([./\-])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])"
    r"|\d{1,2}([./\- ])\d{1,2}\2(?:19|20)\d\d|\d{1,2}([./\-])\d{1,2}\3\d\d"
    r"|(?:19|20)\d\d(?:[\s/\-\u2013](?:19|20)\d\d)+)(?![./\-]?\d)"
    rf"|(?<!\d)(?<!\d\.)(?P<number>(?:\+|\(\+?(?=\d{{1,5}}\)))?\d(?:{_GAP}\d){{7,}})"
)
_CURRENCY = re.compile(r"[$£¥€₺]|EUR|USD|GBP|CHF|JPY|PLN|TRY|zł", re.IGNORECASE)
_DOTTED_PHONE = re.compile(r"\d{3}\.\d{3}\.\d{4}|\d\d(?:\.\d\d){3,}|0\d{2,4}\.[\d.]+")
_PAIRS = re.compile(r"\d\d(?:[ \-]\d\d){3}")
_ROUND = re.compile(r"\d{1,3}(?:[ .]000)+")
_NOT_DOTTED = re.compile(r"[^\d.]")
_GROUP = re.compile(r"\d+")
#: Numbers of these things are not personal: "Order 100234567", "注文番号 100234567".
_REFERENCE = re.compile(
    r"(?<![a-z])(?:order|invoice|contract|ticket|case|quote|purchase|shipment|tracking|batch|lot|part|serial|item|article|sku|ean"
    r"|isbn|issn|upc|gtin|asin|doi|build|version|release|revision|reference|ref|receipt|booking|document|doc|job|task|deal"
    r"|auftrag|bestellung|rechnung|vertrag|vorgang|lieferschein|artikel|beleg|buchung|commande|facture|contrat|devis|dossier"
    r"|pedido|factura|contrato|ordine|fattura|contratto|encomenda|fatura|nota|cep|bestelling|factuur|zamowienie|faktura"
    r"|umowa|siparis|sozlesme|fv|po|注文|請求書|契約|伝票)"
    r"(?:s|snummer|nummer|番号)?[\s./:#-]{0,3}(?:(?:no|nr|num|number|nummer|n|id)[.:º°o]{0,2}\s?)?[#:\s/-]{0,2}$"
)
_MAX_REFERENCE = 32
#: Maximum number of digits in the number of an order or an article.
_MAX_FILED = 14
_ARTICLE = re.compile(r"(?<![a-z])(?:item|article|sku|ean|isbn|upc|gtin|asin|artikel|part)")
#: Prices, versions and rows of page numbers have at most this many digits.
_MAX_DIGITS = 64


def mask_numbers(text: str) -> str:
    """Replace card numbers by ``[card]``, and numbers that may be a person's by ``[number]``."""
    if _MANY_DIGITS.search(text) is not None:
        text = _GROUPED_CARD.sub(_mask_card, _PLAIN_CARD.sub(_mask_card, text))
        text = _IBAN.sub(_mask_iban, text)
        text = _DIGITS.sub(_mask_digits, _DOTTED_ID.sub("[number]", text))
    return _PERSONS.sub("[number]", text)


def _mask_card(match: re.Match[str]) -> str:
    digits = [int(char) for char in match[0] if char.isdigit()]
    if not 13 <= len(digits) <= 19 or not _passes_luhn(digits) or _YEARS.fullmatch(match[0]):
        return match[0]
    return match[0] if _is_filed(match) else "[card]"


def _is_filed(match: re.Match[str]) -> bool:
    """Whether the words before it say that it is the number of an order or an article, not of a card."""
    if len(match[0]) > _MAX_FILED or not _is_reference(match):
        return False
    return not is_card_number(match[0]) or (
        is_article_number(match[0]) and _ARTICLE.search(_before(match)) is not None
    )


def is_card_number(number: str) -> bool:
    """Whether 13 to 19 digits pass the Luhn check and begin with the prefix of an issuer."""
    return (
        number.isdigit()
        and 13 <= len(number) <= 19
        and _ISSUERS.match(number) is not None
        and _passes_luhn([int(char) for char in number])
    )


def is_article_number(number: str) -> bool:
    """Whether 8 to 14 digits end in the check digit of an EAN or a GTIN (GS1 General Specifications, 7.9)."""
    if not number.isdigit() or not 8 <= len(number) <= _MAX_FILED:
        return False
    digits = [int(char) for char in number]
    return (sum(digits[-1::-2]) + 3 * sum(digits[-2::-2])) % 10 == 0


def _mask_iban(match: re.Match[str]) -> str:
    chars = [(place, char) for place, char in enumerate(match[0]) if char.isalnum()]
    length = _IBAN_LENGTHS.get(match[0][:2].upper(), 99)
    if len(chars) < length:
        return match[0]
    number = "".join(char for _, char in chars[:length]).upper()
    if int("".join(str(int(char, 36)) for char in number[4:] + number[:4])) % 97 != 1:
        return match[0]
    return "[number]" + match[0][chars[length - 1][0] + 1 :]


def _mask_digits(match: re.Match[str]) -> str:
    number = match["number"]
    if number is None:
        return match[0]
    count = sum(char.isdigit() for char in number)
    return number if _is_harmless(number, count, match) else "[number]"


def _is_harmless(number: str, count: int, match: re.Match[str]) -> bool:
    """Whether it is short, or a price, a version, a reference or a row of page numbers."""
    text, start, end = match.string, match.start(), match.end()
    before, after = text[max(0, start - 4) : start], text[end : end + 4]
    if "+" in number or count > _MAX_DIGITS:
        return False
    if count <= 8:
        is_local_phone = number.startswith("0") and not number.isdigit() and "." not in number
        return not (is_local_phone or _PAIRS.fullmatch(number)) or _is_reference(match)
    if count < 13 and (before[-1:].isalpha() or after[:1].isalpha()):
        return True  # a part of a name; mask_keys() masks random ones
    if before[-1:] in ("-", "#") and count <= 12 and (before[-1] == "#" or before[-2:-1].isalpha()):
        return True
    if _CURRENCY.search(before) or _CURRENCY.search(after) or _ROUND.fullmatch(number):
        return True
    if "." in number and not _NOT_DOTTED.search(number):
        return _DOTTED_PHONE.fullmatch(number) is None
    groups = [int(group) for group in _GROUP.findall(number)]
    if len(groups) > 4 and all(b - a == 1 for a, b in pairwise(groups)):
        return True
    return count <= _MAX_FILED and _is_reference(match)


def _is_reference(match: re.Match[str]) -> bool:
    """Whether the words before a number say that it belongs to a thing."""
    return _REFERENCE.search(_before(match)) is not None


def _before(match: re.Match[str]) -> str:
    return folded(match.string[max(0, match.start() - _MAX_REFERENCE) : match.start()])


def _passes_luhn(digits: Sequence[int]) -> bool:
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0

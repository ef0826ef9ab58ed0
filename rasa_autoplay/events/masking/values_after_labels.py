"""Masks values that only the words before them show to be private: "PIN: 4821", "SSN#078051120"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rasa_autoplay.events.masking.codes_in_sentences import find_codes
from rasa_autoplay.events.masking.credentials import find_credentials
from rasa_autoplay.events.masking.names import folded, privacy_of, words_of

__all__ = ["mask_labelled"]

_Span = tuple[int, int, str]

#: In an ASCII text, one of these words is before everything that _CODE, _ID and _PHONE match. Most texts have
#: none of them, and need only this check.
_LABELS = words_of(
    """
    code codes codigo codice kod kodu passcode otp totp tan pin cvv cvv2 cvc cvc2 csc ssn security
    soc ni nino insurance passport driver license licence licen tax tin ein nhs aadhaar pan
    medicare national id steuer steuerid steueridnr steuernummer steueridentifikationsnummer
    sozialversicherungsnummer rentenversicherungsnummer personalausweis reisepass ausweis ahv svnr
    sociale nir passeport dni nie nif cif pasaporte fiscale cf passaporto carta cpf rg niss bsn
    burgerservicenummer paspoort pesel dowod paszport kimlik tckn pasaport tel telephone telphone
    phone mobile cell fax sms whatsapp call telefon handy mobil portable cellulare telefono
    telefone celular telefoon gsm nip rufnummer telefonu telefonnummer mobilnummer numer reisepassnummer
    paspoortnummer paszportu fuhrerschein fuehrerschein permis licencia patente passaporte konto account
    kontonummer routing puk mtan geheimzahl prufnummer password passwords passwort kennwort einmalpasswort
    wachtwoord passphrase passwd pwd pw passe mdp clave senha parola haslo sifre sifreniz pins codic codici
    codigos kodunuz kodem kody birth birthdate birthday dob b born geburtsdatum geburtstag geboren geb
    naissance ne nee nacimiento nacido nacida nascita nato nata nascimento nascido nascida geboortedatum
    urodzenia urodzony urodzona ur dogum rekening rekeningnummer conto conta cuenta compte
    """
)
#: These can be the end of a longer word.
_ENDINGS = re.compile(r"(?:code|codes|nummer|passwort|kennwort|password|wachtwoord|kennzahl)(?![a-z])")
_LETTERS = re.compile(r"[a-z]+[0-9]?")
#: Scripts whose words _LABELS does not have.
_OTHER_SCRIPT = re.compile("[\u0370-\u1fff\u2e80-\ufaff]")
_DIGIT = re.compile(r"\d")

#: The sign that assigns a value to a name, and the name before it.
_ASSIGNED = re.compile(r"""[=:]\s{0,2}["']?(?=[^\s=:])""")
_NAME_BACKWARDS = re.compile(r"[\w.\-\[\]]{1,64}")
_WORDS_BACKWARDS = re.compile(r"[\w'’]{1,30}(?: [\w'’]{1,30}){0,2}")
_REST_OF_WORD = re.compile(r"[^\s\"',;]{1,512}")
_ASSIGNED_VALUE = re.compile(r"""[^\s&;#"',}]{1,512}""")
#: A password, unlike a hint about passwords, is one word with letters and digits.
_PASSWORD = re.compile(r"(?=[!-~]{0,64}\d)(?=[!-~]{0,64}[A-Za-z])[!-~]{5,64}(?![^\s.,;)\"'])")
#: A key without digits.
_OPAQUE = re.compile(r"[a-z]{3,20}[A-Za-z]{9,64}(?![^\s.,;)\"'])")
_AMOUNT = re.compile(r"\d[\d.,]*[%a-zA-Z]{0,3}$|\d{1,3}\s*[-–+]|v?\d+(?:\.\d+)+$", re.IGNORECASE)

#: "code" in several languages, with the word for "is".
_CODE = re.compile(
    r"(?P<name>(?<![^\W_])(?:\w{0,24}codes?|c[oó]dig[oo]|codice|kod|kodu|пароль|код|passcode|otp|totp"
    r"|tan|pin|cvv2?|cvc2?|csc)"
    r"(?![^\W_])|認証コード|確認コード|暗証番号|验证码|인증번호)"
    r"(?:\s(?:de|di|d'|do|da)\s?\w{3,20}|\s(?:weryfikacyjny|jednorazowy|doğrulama))?"
    r"(?:\s(?:is|lautet|ist|est|es|è|é|jest|to))?[\s:=#\-]{1,3}"
    r"(?P<value>\d{3}[ \-]\d{3}(?![\d.,])|(?!(?:19|20)\d\d-\d)\d{3,8}(?![\d.,%]|[^\W_])"
    r"|(?=[a-z0-9\-]{0,20}\d)[a-z0-9]{4,6}(?:-[a-z0-9]{4,6}){1,5})",
    re.IGNORECASE,
)
_CODE_WORD = re.compile(r"(?:codes?|codigo|codice|kod|kodu)$")
_SHORT_CODES = ("cvv", "cvv2", "cvc", "cvc2", "csc")
#: Codes that are not secret: "Error code 5001", "Area code 4821".
_HARMLESS = re.compile(
    r"(?:error|status|country|area|zip|postal|post|exit|product|promo|discount|coupon|currency|language"
    r"|http|color|colour|hs"
    r"|fault|reason|response|dial|bar|qr|item|order|sku|region|branch|sort|fehler|vorwahl|artikel|erreur"
    r"|pays|prodotto)"
    r"\s?$"
)
_ID_NAMES = (
    r"ssn|social security|soc\.? sec\.?|ni number|nino|national insurance|passport|driver'?’?s licen[cs]e"
    r"|tax id|tin|ein|nhs|aadhaar|pan|medicare|national id|id card|steuer-?id(?:nr)?|steuernummer"
    r"|steueridentifikationsnummer|sozialversicherungsnummer|rentenversicherungsnummer|personalausweis"
    r"|reisepass|ausweis|ahv|svnr"
    r"|sécurité sociale|securite sociale|nir|passeport|dni|nie|nif|cif|pasaporte|codice fiscale|cf|passaporto"
    r"|carta d.identità|cpf|rg|niss|bsn|burgerservicenummer|paspoort|pesel|dowód|dowod|paszport|kimlik"
    r"|tckn|pasaport|nip|regon|paszportu|passaporte|f[uü]hrerschein|permis de conduire"
    r"|licencia de conducir|patente di guida"
    r"|carta de conducao|carta de condução|prawo jazdy|ehliyet|rijbewijs|パスポート|免許証|マイナンバー"
    r"|個人番号|旅券|身份证|снилс|инн"
)
_ID = re.compile(
    rf"(?<![^\W_])(?:{_ID_NAMES})(?:\s?nummer|番号|[\s./\-](?:id|nif|nie|no|nr|num|number|card|nummer"
    rf"|numaras[iı]|numarası))?[.:]?"
    r"(?:\s(?:is|ist|lautet|est|es|è|é|to|jest))?"
    r"(?:\s?(?:no|nr|n)\b[.:º°]?)?[\s:=#/.\-]{0,3}"
    r"(?P<value>(?-i:[A-Z]{0,2}[0-9](?:[ ./\-]?[0-9A-Z]){4,20}"
    r"|[A-Z]{5}\d{4}[A-Z]|[A-Z]{2} ?\d\d ?\d\d ?\d\d ?[A-D]))",
    re.IGNORECASE,
)
_PHONE = re.compile(
    r"(?<![^\W_])(?:tel|tele?phone|phone|mobile|cell|fax|sms|whatsapp|call|telefon|handy|mobil|tél"
    r"|téléphone|portable|móvil"
    r"|teléfono|cellulare|telefono|telefone|celular|telemóvel|telefoon|komórka|gsm|telefonu|mobilnummer"
    r"|rufnummer|telefonnummer|handynummer|telefoonnummer|numaras[ıi]|電話|携帯|телефон)(?![^\W_])"
    r"[\s.:=#/\-]{0,3}(?P<value>[+(]{0,2}\d(?:[ ()./\-]{0,2}\d){4,16})(?!\d)",
    re.IGNORECASE,
)


def mask_labelled(text: str) -> str:
    """Replace such values by ``[secret]``, ``[number]`` and ``[personal]``; the words before them stay."""
    spans = [*_assigned(text)] if "=" in text or ":" in text else []
    if ":" in text:
        spans += [(start, end, "[secret]") for start, end in find_credentials(text)]
    if _may_be_labelled(text):
        spans += [*_coded(text), *_numbered(text)]
        spans += [(start, end, "[secret]") for start, end in find_codes(text)]
        spans += [(*match.span("value"), "[personal]") for match in _BIRTH.finditer(text)]
    if not spans:
        return text
    kept, since = [], 0
    for start, end, mask in sorted(spans):
        if start >= since:
            kept += [text[since:start], mask]
            since = end
    return "".join(kept) + text[since:]


def _may_be_labelled(text: str) -> bool:
    if _DIGIT.search(text) is None:
        return False
    if not text.isascii():
        if _OTHER_SCRIPT.search(text):
            return True
        text = folded(text)
    text = text.lower()
    return not _LABELS.isdisjoint(_LETTERS.findall(text)) or _ENDINGS.search(text) is not None


def _assigned(text: str) -> Iterator[_Span]:
    for sign in _ASSIGNED.finditer(text):
        value = _ASSIGNED_VALUE.match(text, sign.end())
        if value is None or value[0].startswith("["):
            continue
        before = text[max(0, sign.start() - 64) : sign.start()].rstrip(" \"'")[::-1]
        if "=" in sign[0] or text[sign.start() - 1 : sign.start()] == '"':
            name = _NAME_BACKWARDS.match(before)
            if name is not None and privacy_of(name[0][::-1]) == "secret":
                yield value.start(), value.end(), "[secret]"
        elif (words := _WORDS_BACKWARDS.match(before)) and _is_secret_value(words[0][::-1], text, sign.end()):
            end = (
                value.end()
                if text[value.end() : value.end() + 1].isspace()
                else _end_of_word(text, sign.end())
            )
            yield sign.end(), end, "[secret]"


def _is_secret_value(words: str, text: str, start: int) -> bool:
    """Whether a colon is followed by a password or a key, not by a hint or a number of passwords."""
    if not any(
        privacy_of(part) == "secret" for part in (words, words.rpartition(" ")[2], words.partition(" ")[0])
    ):
        return False
    if _PASSWORD.match(text, start):
        return _AMOUNT.match(text, start, _end_of_word(text, start)) is None
    return _OPAQUE.match(text, start) is not None and not text[start].isupper()


def _end_of_word(text: str, start: int) -> int:
    match = _REST_OF_WORD.match(text, start)
    return match.end() if match else start


def _coded(text: str) -> Iterator[_Span]:
    for match in _CODE.finditer(text):
        name, value = match["name"].lower(), match["value"]
        if len(value) == 3 and name not in _SHORT_CODES:
            continue
        before = folded(text[max(0, match.start() - 20) : match.start()] + name)
        if _HARMLESS.search(_CODE_WORD.sub("", before)) is None:
            yield *match.span("value"), "[secret]"


_DATE = (
    r"(?:\d{1,4}[./\-] ?\d{1,2}[./\-] ?\d{1,4}|\d{1,2}(?:\.|er|º|st|nd|rd|th)? (?:de "
    r"|of )?[^\W\d_]{3,12}\.?,? (?:de )?\d{4}"
    r"|[^\W\d_]{3,12}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}|(?:昭和|平成|令和|大正)?\d{1,4}年\d{1,2}月\d{1,2}日)"
)
_BIRTH = re.compile(
    r"(?:\b(?:date of birth|birth ?date|birthday|d\.?o\.?b\.?|born(?: on)?|geburtsdatum|geburtstag"
    r"|geb(?:oren|\.)?(?: am| op)?"
    r"|date de naissance|n[ée]e? le|fecha de nacimiento|nacid[oa] el|data di nascita|nat[oa] il"
    r"|data de nascimento|nascid[oa] em"
    r"|geboortedatum|data urodzenia|urodzon[ya]|ur\.|doğum tarihi)(?!\w)|生年月日|誕生日"
    r"|تاريخ الميلاد)(?: is| ist|は)?[\s:=：]{0,3}"
    rf"(?P<value>{_DATE})",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(
    r"(?<![^\W_])(?:account|acct|konto|routing|rekening|conto|conta|cuenta|compte|hesap|rachunku"
    r"|口座)[ -]?(?:number|no|nr|nummer|numarası|番号)\b"
    r"\.?[\s:=#]{0,3}(?P<value>[0-9](?:[ \-]?[0-9]){5,17})(?!\w)"
    r"|\bsort code[\s:=#]{0,3}(?P<sort>\d\d-\d\d-\d\d)",
    re.IGNORECASE,
)


def _numbered(text: str) -> Iterator[_Span]:
    for match in _ID.finditer(text):
        if sum(char.isdigit() for char in match["value"]) >= 4:
            yield *match.span("value"), "[number]"
    for match in _ACCOUNT.finditer(text):
        yield *match.span("value" if match["value"] else "sort"), "[number]"
    for match in _PHONE.finditer(text):
        yield *match.span("value"), "[number]"

"""What does a name promise? ``userPassword`` a secret, ``vorname`` a person, ``status_code`` neither.

Names of URL parameters, of users' properties, and of what stands before a value in a text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal
from unicodedata import combining, normalize

__all__ = ["Privacy", "folded", "privacy_of", "words_of"]

#: ``""`` for a name that promises nothing private.
Privacy = Literal["", "secret", "personal", "typed"]

#: More of a name is not looked at.
_MAX_NAME = 100


def words_of(text: str) -> frozenset[str]:
    """A set of words, out of a text that has them side by side."""
    return frozenset(text.split())


# All words are in small letters without accents.
_SECRET = words_of(
    """
    password passwords passwd passwort passworter pwd pass pw passphrase passcode kennwort
    geheimnis motdepasse mdp contrasena contrasenas clave claves senha senhas palavrapasse
    wachtwoord wachtwoorden haslo hasla sifre sifresi parola parolachiave sandi lozinka heslo
    losenord salasana adgangskode passord пароль 密码 密碼 口令 비밀번호 パスワード 暗証番号 暗証
    secret secrets segredo secreto segreto geheim token jeton key apikey apikeys zugriffsschlussel
    schlussel トークン キー auth authorization authentication bearer code otp totp pin tan cvv cvc
    csc cvv2 sig signature hmac session sessionid sessid phpsessid jsessionid cfid cftoken sid jwt
    saml samlresponse samlrequest credential credentials creds nonce csrf xsrf csrftoken verifier
    recovery magiclink cookie challenge assertion ltpatoken codigo codice kod kodu dogrulamakodu
    認証コード 確認コード
    """
)
_PERSONAL = words_of(
    """
    email emails mail mails courriel correo eposta epost mailaddress phone phones telephone tel
    mobile mobil cell cellphone fax handy handynummer telefon telefono telefone telefoon
    telefonnummer telefoonnummer telemovel celular cellulare movil portable komorka whatsapp
    msisdn firstname lastname fullname surname username nickname displayname givenname familyname
    middlename forename realname login loginname vorname nachname benutzername familienname
    spitzname prenom nomdefamille nom nombre nombres apellido apellidos nome cognome nomeutente
    sobrenome apelido voornaam achternaam naam gebruikersnaam imie nazwisko ad soyad adi soyadi
    adsoyad isim 氏名 名前 姓 名 お名前 フリガナ 姓名 имя фамилия 이름 address addresses street
    strasse adresse adressen anschrift rue direccion domicilio calle indirizzo endereco adres
    ulica straat adresi 住所 zip zipcode postcode postalcode plz codepostal codigopostal cap cep
    housenumber hausnummer 郵便番号 dob birth birthday birthdate birthplace dateofbirth
    geburtsdatum geburtstag datedenaissance naissance fechadenacimiento nacimiento datadinascita
    nascita datadenascimento nascimento geboortedatum dataurodzenia dogumtarihi 生年月日 age
    gender sex geschlecht sexe sexo ssn socialsecurity socialsecuritynumber iban bic ip ipaddress
    ipv4 ipv6 cardnumber creditcard pan ccnumber accountnumber kontonummer kartennummer passport
    nationalid taxid steuerid cpf cnpj dni nie nif bsn pesel nip codicefiscale nir tckn kimlik
    aadhaar sozialversicherungsnummer 電話番号 携帯 マイナンバー カード番号 電話 メール avatar
    photo picture selfie portrait latitude longitude
    """
)
_TYPED = words_of(
    "q query search s term terms keyword keywords text filter suche recherche busca busqueda szukaj ara"
)
#: What names are of people; every other name is that of a thing.
_OF_PEOPLE = words_of(
    """
    first last full user display nick given family middle sur legal maiden preferred customer
    contact recipient sender cardholder holder owner author patient employee guest real screen
    login account birth your my
    """
)
#: Words before "code", "key" and "token" that make them harmless.
_OF_THINGS = words_of(
    """
    country currency status error lang language locale area color colour product exit http qr bar
    region state airport discount unit dial iso source time zone event reason response city
    industry sic naics hs fault postal zip promo coupon voucher sort primary foreign row cache
    group partition map hot short object storage feature translation message theme public sample
    max min total stop design number of per palabra palabras puntos prompt completion
    """
)
#: Words after the noun that leave its meaning as it is.
_TRAILING = words_of(
    """
    new old current confirmation confirm repeat repeated again value values hash string raw plain
    encrypted base64 field input id ids number no nr num nummer numero address text data response
    primary secondary work home private business personal url uri link src href line date day year
    """
)
#: A name that begins with one of these asks whether something is so.
_QUESTIONS = words_of("is has have had can may should show hide enable allow use uses require requires")
#: Nouns long enough to be told at the end of a word that is written in one: ``newpassword``.
_ENDINGS = (
    *("password", "passwort", "kennwort", "wachtwoord", "passwd", "pwd", "token", "secret", "apikey"),
    *(
        "sessionid",
        "sessid",
        "signature",
        "credentials",
        "verificatiecode",
        "パスワード",
        "コード",
        "トークン",
    ),
)
_PERSONAL_ENDINGS = (
    "email",
    "phonenumber",
    "mobilenumber",
    "username",
    "lastname",
    "firstname",
    "番号",
    "住所",
)

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W_]+")


def folded(text: str) -> str:
    """Small letters without accents; ``ß`` and ``ł`` as people type them."""
    if text.isascii():
        return text.lower()
    # NFC first, so that what combines in Japanese is one letter before accents are told from it.
    text = normalize("NFKC", text).lower().replace("ß", "ss").replace("ł", "l").replace("ı", "i")
    if text.isascii():
        return text
    return "".join(_without_accent(char) for char in text if not combining(char))


def _without_accent(char: str) -> str:
    base = normalize("NFD", char)[0]
    return base if base.isascii() else char


@lru_cache(maxsize=4096)
def privacy_of(name: str) -> Privacy:
    """What the value behind a name would tell.

    Args:
        name: in any of the usual spellings: ``apiKey``, ``api_key``, ``API-Key``, ``apikey``, ``user[key]``.
    """
    words = _WORD.findall(folded(_CAMEL.sub("_", name[:_MAX_NAME])))
    words = [word.rstrip("0123456789") or word for word in words]
    if not words or (words[0] in _QUESTIONS and len(words) > 1):
        return ""
    return _of_words(words)


def _of_words(words: list[str]) -> Privacy:
    for count in (len(words), 3, 2):
        if privacy := _of_phrase("".join(words[-count:])):
            return privacy
    head = len(words) - 1
    # "email_address" is of people by its last word already, and "session_id" by the one before.
    while head > 0 and words[head] in _TRAILING and not _of_noun(words, head):
        head -= 1
    return _of_noun(words, head)


def _of_phrase(joined: str) -> Privacy:
    """What a whole name promises, its words written together: ``motdepasse``, ``dateofbirth``."""
    if joined in _SECRET or joined.startswith("aspsessionid"):
        return "secret"
    if joined in _PERSONAL or joined == "name":
        return "personal"
    return "typed" if joined in _TYPED else ""


def _of_noun(words: list[str], head: int) -> Privacy:
    noun, before = words[head], words[head - 1] if head else ""
    if noun in _SECRET or noun.endswith(_ENDINGS):
        return "" if before in _OF_THINGS else "secret"
    if noun in ("name", "names"):
        return "personal" if before in _OF_PEOPLE else ""
    if noun in _PERSONAL or noun.endswith(_PERSONAL_ENDINGS):
        return "personal"
    return "typed" if noun in _TYPED else ""

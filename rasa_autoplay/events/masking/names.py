"""Classifies names: ``userPassword`` is secret, ``vorname`` is personal, ``status_code`` is neither.

The names are those of URL parameters, of user properties, and of labels before values in texts.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal
from unicodedata import combining, normalize

__all__ = ["Privacy", "folded", "is_of_article", "privacy_of", "words_of"]

#: ``""`` for a name whose value is not private.
Privacy = Literal["", "secret", "personal", "typed"]

#: Only the beginning of a name is checked (characters).
_MAX_NAME = 100


def words_of(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


# All words are in lower case without accents.
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
    認証コード 確認コード 確認番号 秘密鍵 暗証コード privatekey privatschlussel
    privaterschlussel cleprivee cleapi
    clavesecreta
    claveprivada claveapi chiaveprivata chiaveapi chavepri chaveprivada chaveapi privesleutel geheimesleutel
    kluczprywatny kluczapi codigosegurancacartao codigosegurancadocartao codigodeseguranca
    codigodeseguridad كلمةالمرور كلمةالسر كلمهالمرور رمزالتحقق الرمزالسري
    رمزالدخول مفتاحالواجهة ozelanahtar apianahtari gizlianahtar mtan puk geheimzahl zugangscode
    sicherheitscode
    seed seedphrase mnemonic connectionstring dsn webhookurl salt zugangsdaten prufnummer kartenprufnummer
    prufziffer codedeverification codesecurite codeacces codeverification codigoverificacion codigoseguridad
    codigoacceso codiceverifica codicesicurezza kodweryfikacyjny koddostepu onaykodu
    guvenlikkodu eenmaligecode
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
    photo picture selfie portrait latitude longitude geolocation telefonnr handynr mobilnummer mobilnr
    rufnummer faxnummer telefoonnr mobielnummer mobiel gsm numtel numerotelephone numerotelefono
    numeroportable
    numerocelular numerotelefone numerocellulare numertelefonu telefonnumarasi ceptelefonu mailadresse
    correoelectronico adressemail hausanschrift wohnanschrift wohnort wohnadresse lieferadresse
    rechnungsadresse
    hausnr domicile domicilio residence residenza residencia woonadres woonplaats adreszamieszkania evadresi
    adresdomicile morada moradia huisadres thuisadres postadres bezoekadres ville ciudad stad
    miasto sehir geburtsname geburtsort geburtsjahr yearofbirth birthyear
    lieunaissance lugarnacimiento luogonascita geboorteplaats miejsceurodzenia dogumyeri steuernummer steuernr
    steueridnr sozialversicherungsnr reisepass reisepassnr reisepassnummer passnummer passnr ausweis ausweisnr
    ausweisnummer personalausweis passeport pasaporte passaporto passaporte paspoort
    paspoortnummer paszport paszportu dowod dowodu
    pasaport driverlicense driverslicense drivinglicence drivinglicense fuhrerschein fuhrerscheinnummer permis
    permisconduire licenciaconducir patenteguida rijbewijs prawojazdy ehliyet bankverbindung
    bankaccount bankacct
    accountno accountnr acctno kontonr cardno cardnum ccnum ccno expiry cardexpiry sin nino
    ninumber taxnumber taxno tin
    vatnumber vatid ustid nationalinsurance nationalinsurancenumber partitaiva regon rg burgerservicenummer
    svnr ahvnummer ahv numerorue remoteaddr clientip ipadresse telegram skype signal
    whatsappnumber numerotarjeta
    numerocarte numerocarta numerocartao kaartnummer numerkarty kartnumarasi rekeningnummer rekening
    numerocuenta numerocompte numeroconto numeroconta numerkonta hesapno geboortejaar الاسم
    الاسمالكامل اسمالعائلة الاسمالاول العنوان عنوانالمنزل الهاتف رقمالهاتف رقمالجوال الجوال
    البريدالالكتروني
    البريد تاريخالميلاد رقمالهوية رقمالجواز nationality nationalitat
    religion ethnicity bloodtype diagnosis maritalstatus maidenname salary gehalt
    """
)
_TYPED = words_of(
    "q query search s term terms keyword keywords text filter suche recherche busca busqueda szukaj ara"
)
#: Before "name", these words mean the name of a person; other words mean the name of a thing.
_OF_PEOPLE = words_of(
    """
    first last full user display nick given family middle sur legal maiden preferred customer
    contact recipient sender cardholder holder owner author patient employee guest real screen
    login account birth your my klant gebruiker volledige mijn kunden benutzer
    """
)
#: Words for the number of an article or a product.
_OF_ARTICLES = words_of(
    "ean ean13 gtin upc isbn sku barcode asin product produit producto produto prodotto produkt artikel"
    " article articulo articolo artigo strichcode urun"
)
#: Words before "code", "key" and "token" that make them harmless.
_OF_THINGS = words_of(
    """
    country currency status error lang language locale area color colour product exit http qr bar
    region state airport discount unit dial iso source time zone event reason response city
    industry sic naics hs fault postal zip promo coupon voucher sort primary foreign row cache
    group partition map hot short object storage feature translation message theme public sample
    issue project space
    max min total stop design number of per palabra palabras puntos prompt completion
    """
)
#: Words after the noun that do not change its meaning.
_TRAILING = words_of(
    """
    new old current confirmation confirm repeat repeated again value values hash string raw plain
    encrypted base64 field input id ids number no nr num nummer numero address text data response
    neu alt nouveau nueva nuevo nuova nuovo novo nova nieuw nieuwe yeni nowe nowy herhaling
    wiederholen wiederholung
    verification verificacion verifica securite seguridad sicurezza seguranca confirmacion
    conferma confirmacao
    privee privada privata casa domicile prywatny zamieszkania telefonu telefono telephone telefone
    primary secondary work home private business personal url uri link src href line date day year
    """
)
#: The value of a name that begins with one of these is a yes or a no.
_QUESTIONS = words_of(
    "is has have had can may should show hide enable type tipo typ soort allow use uses require requires"
)
#: Nouns that are long enough to be recognised at the end of a compound: ``newpassword``.
_ENDINGS = (
    *("password", "passwort", "kennwort", "wachtwoord", "passwd", "pwd", "token", "secret", "apikey"),
    *(
        "sessionid",
        "sessid",
        "signature",
        "credentials",
        "verificatiecode",
        "bestatigungscode",
        "sicherheitscode",
        "zugangscode",
        "privatschlussel",
        "beveiligingscode",
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
    "mobilnummer",
    "telefonnummer",
    "handynummer",
    "rufnummer",
    "kontonummer",
    "kartennummer",
    "ausweisnummer",
    "passnummer",
    "versicherungsnummer",
    "steuernummer",
    "anschrift",
    "telefoonnummer",
    "adresse",
    "番号",
    "住所",
)

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W_]+")


class _WithoutAccents(dict[int, str]):
    """Maps letters to letters without accents, for ``str.translate()``; filled on first use."""

    _MAX_KEPT = 4096

    def __missing__(self, code_point: int) -> str:
        char = chr(code_point)
        base = "" if combining(char) else normalize("NFD", char)[0]
        letter = base if base.isascii() else char
        if len(self) < self._MAX_KEPT:
            self[code_point] = letter
        return letter


_WITHOUT_ACCENTS = _WithoutAccents()


def folded(text: str) -> str:
    """Return a text in lower case without accents; ``ß`` becomes ``ss``, ``ł`` becomes ``l``."""
    if text.isascii():
        return text.lower()
    # Compose first, so that combined letters in Japanese are one letter when accents are removed.
    text = normalize("NFKC", text).lower().replace("ß", "ss").replace("ł", "l").replace("ı", "i")
    if text.isascii():
        return text
    return text.translate(_WITHOUT_ACCENTS)


def is_of_article(name: str) -> bool:
    """Whether a name means a product's number: ``ean``, ``codigo_produto``, ``productCode``."""
    return not _OF_ARTICLES.isdisjoint(_WORD.findall(folded(_CAMEL.sub("_", name[:_MAX_NAME]))))


@lru_cache(maxsize=4096)
def privacy_of(name: str) -> Privacy:
    """Return the kind of private data that a name's value would have.

    Args:
        name: in any usual spelling: ``apiKey``, ``api_key``, ``API-Key``, ``apikey``, ``user[key]``.
    """
    words = _WORD.findall(folded(_CAMEL.sub("_", name[:_MAX_NAME])))
    words = [word.rstrip("0123456789") or word for word in words]
    if not words or (words[0] in _QUESTIONS and len(words) > 1):
        return ""
    if privacy := _of_words(words):
        return privacy
    # German without umlauts: "schluessel", "passwoerter".
    plain = [_UMLAUT.sub(r"\1", word) for word in words]
    return _of_words(plain) if plain != words else ""


_UMLAUT = re.compile("([aou])e")


def _of_words(words: list[str]) -> Privacy:
    for count in (len(words), 3, 2):
        if privacy := _of_phrase("".join(words[-count:])):
            return privacy
    head = len(words) - 1
    # In "email_address" the last word decides; in "session_id" it is the one before.
    while head > 0 and words[head] in _TRAILING and not _of_noun(words, head):
        head -= 1
    return _of_noun(words, head)


def _of_phrase(joined: str) -> Privacy:
    """Classify a whole name, with its words joined: ``motdepasse``, ``dateofbirth``."""
    if joined in _SECRET or joined.startswith("aspsessionid"):
        return "secret"
    if joined in _PERSONAL or joined == "name":
        return "personal"
    return "typed" if joined in _TYPED else ""


def _of_noun(words: list[str], head: int) -> Privacy:
    noun, before = words[head], words[head - 1] if head else ""
    if noun in _SECRET or noun.endswith(_ENDINGS):
        return "" if before in _OF_THINGS else "secret"
    if noun in ("name", "names", "naam"):
        return "personal" if before in _OF_PEOPLE else ""
    if noun in _PERSONAL or noun.endswith(_PERSONAL_ENDINGS):
        return "personal"
    return "typed" if noun in _TYPED else ""

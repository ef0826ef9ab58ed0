"""Reads the language codes that people write in files, and says what they probably meant."""

from __future__ import annotations

from rasa_autoplay.common.languages.tags import canonical_tag
from rasa_autoplay.errors import AutoplayError

__all__ = ["LanguageMistake", "read_language"]

#: The two-letter codes of ISO 639-1.
_CODES_TEXT = """
    aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz
    ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik
    io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml
    mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd
    se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi
    vo wa wo xh yi yo za zh zu
"""
_CODES = frozenset(_CODES_TEXT.split())
#: What people write instead: names, countries, and codes of three letters.
_MEANT = {
    **dict.fromkeys(("english", "englisch", "anglais", "eng", "gb", "us"), "en"),
    **dict.fromkeys(("german", "deutsch", "allemand", "deu", "ger"), "de"),
    **dict.fromkeys(("french", "français", "francais", "französisch", "fra", "fre"), "fr"),
    **dict.fromkeys(("spanish", "español", "espanol", "castellano", "spanisch", "spa"), "es"),
    **dict.fromkeys(("portuguese", "português", "portugues", "por"), "pt"),
    **dict.fromkeys(("brazilian", "br-pt"), "pt-BR"),
    **dict.fromkeys(("italian", "italiano", "ita"), "it"),
    **dict.fromkeys(("dutch", "nederlands", "nld", "dut"), "nl"),
    **dict.fromkeys(("polish", "polski", "pol"), "pl"),
    **dict.fromkeys(("japanese", "nihongo", "jp", "jpn", "日本語"), "ja"),
    **dict.fromkeys(("arabic", "ara", "العربية"), "ar"),
    **dict.fromkeys(("chinese", "cn", "zho", "chi", "中文"), "zh"),
    **dict.fromkeys(("korean", "kor"), "ko"),
    **dict.fromkeys(("czech", "cz", "ces", "cze"), "cs"),
    **dict.fromkeys(("danish", "dansk", "dk", "dan"), "da"),
    **dict.fromkeys(("swedish", "svenska", "swe"), "sv"),
    **dict.fromkeys(("norwegian", "norsk", "nor", "nob"), "nb"),
    **dict.fromkeys(("finnish", "suomi", "fin"), "fi"),
    **dict.fromkeys(("greek", "gr", "ell", "gre"), "el"),
    **dict.fromkeys(("ukrainian", "ua", "ukr"), "uk"),
    **dict.fromkeys(("russian", "русский", "rus"), "ru"),
    **dict.fromkeys(("turkish", "türkçe", "tur"), "tr"),
    **dict.fromkeys(("hebrew", "heb"), "he"),
    **dict.fromkeys(("hindi", "hin"), "hi"),
}
#: How YAML 1.1 reads the unquoted keys "no", "off" and "n".
_FALSE = ("False", "false")
_SHORT = 2


class LanguageMistake(AutoplayError, ValueError):
    """Something that is no language code."""


def read_language(key: object) -> str:
    """Return the canonical tag of a language code in a file.

    Raises:
        LanguageMistake: it is none; the message has the code that was probably meant.
    """
    written = str(key).strip()
    if written in _FALSE:
        raise LanguageMistake(
            'YAML reads an unquoted "no" as false; for Norwegian, write "nb", or "no" in quotes.'
        )
    tag = canonical_tag(written)
    meant = _MEANT.get(written.lower()) or (tag if tag and "_" in written else None)
    if meant is not None:
        raise LanguageMistake(f"{written!r} is not the code of a language; did you mean {meant!r}?")
    language = (tag or "").partition("-")[0]
    if tag is None or (len(language) == _SHORT and language not in _CODES):
        raise LanguageMistake(f"{written!r} is not a language; write its code, such as en, de or pt-BR.")
    return tag

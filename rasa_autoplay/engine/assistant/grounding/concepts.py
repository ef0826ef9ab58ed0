"""What a sentence about an app can claim: controls, commands, places, keys, promises; in nine languages.

A concept means the same in each language, so a German sentence about an English step can be checked.
Words are in lower case and without accents. ``save*`` is the beginning of a word, ``*menu`` its end, and
``go_to`` two words in a row. ``~under`` claims nothing, because it has other meanings too, but a step that
has it allows the concept.
"""

from __future__ import annotations

import unicodedata

from rasa_autoplay.engine.assistant.grounding.words_germanic import DE, EN, NL
from rasa_autoplay.engine.assistant.grounding.words_other import JA, PL
from rasa_autoplay.engine.assistant.grounding.words_romance import ES, FR, IT, PT

__all__ = ["CONTROLS", "LANGUAGES", "OPERATIONS", "PLACES", "SPACELESS", "without_accents"]

#: What users do with a control.
OPERATIONS = frozenset({"click", "open", "type", "go", "drag", "scroll", "hover"})
#: Where a control is, and how it looks.
PLACES = frozenset({"left", "right", "top", "bottom", "centre", "beside", "colour"})
#: What a name can be called: "the … button".
CONTROLS = frozenset(
    {"button", "menu", "tab", "icon", "dialog", "field", "rows", "page", "bar", "option", "link"}
)


_NUMBERS = {
    "en": "two three four five six seven eight nine ten eleven twelve",
    "de": "zwei drei vier funf sechs sieben acht neun zehn elf zwolf",
    "fr": "deux trois quatre cinq six sept huit neuf dix onze douze",
    "es": "dos tres cuatro cinco seis siete ocho nueve diez - doce",
    "it": "due tre quattro cinque - sette otto nove dieci undici dodici",
    "pt": "dois tres quatro cinco seis sete oito nove dez onze doze",
    "nl": "twee drie vier vijf zes zeven acht negen tien elf twaalf",
    "pl": "dwa trzy cztery piec szesc siedem osiem dziewiec dziesiec jedenascie dwanascie",
    "ja": "二つ 三つ 四つ 五つ",
}
_SMALL_WORDS = {
    "en": (
        "the a an and to of in on you your it is are that this with for then now just from at "
        "every each want by or as be can do does have here if its not all so they them their "
        "there up what when where which will one next once i me my we our no don doesn isn didn t "
        "s re ll ve m sorry help him her his she he any some only still already who whose into "
        "out over about after before while until also too very more than how why yes sure was "
        "were been has had would could should may might both"
    ),
    "de": (
        "der die das den dem des und sie ihr ihre ihren ist sind auf dann mit fur eine einen ein "
        "im zum zur nicht du dein deine nun jetzt hier wie wenn zu in an aus es so alle noch oder "
        "als bei einem einer danach damit dort was ich mir mich habe kein keine keinen leider "
        "kann kannst konnen konnten dafur dazu darin davon daran ihnen ihm wir uns man sich wird "
        "werden wurde war hat haben aber auch nur schon mehr sehr denn weil dass ob wo wer welche "
        "welchen welcher diese dieser diesen dieses jede jeder jeden ihres ihrer deinen deiner "
        "bitte gerne hast bist soll sollen willst mochten mochtest gibt gleich einfach erst "
        "sobald ins vom beim"
    ),
    "fr": (
        "le la les l un une des du d de et vous votre vos puis dans pour sur est qui que avec "
        "cette ce au aux en a ou par si tous toutes y se sont ensuite maintenant ici il elle ils "
        "chaque tu ton ta tes je j me mon ma mes n ne pas ai avez as ete etre pouvez peux peut "
        "nous on leur lui desole plus tres bien deja aussi seulement cet ces quel quelle dont "
        "quand comme afin voulez souhaitez veux celui fois"
    ),
    "es": (
        "el la los las un una del de y tu su sus que para en con luego ahora es se al lo este "
        "esta estos a o por si todos todas cada te aqui como donde quieras quieres despues yo me "
        "mi no he tengo tiene tienes puedo puedes puede les le nos esa ese eso esas estas mas muy "
        "ya tambien solo pero porque cuando cual quien son fue ser estar hay usted hasta desde "
        "sobre"
    ),
    "it": (
        "il lo la l gli le un una del della dei delle di e che per con poi nel nella su sul sulla "
        "al alla questo questa tuo tua ora in da o ogni ti si qui come dove vuoi i io mi mio non "
        "ho hai ha posso puoi puo ci ne noi loro quello quella quelle piu molto gia anche solo ma "
        "perche quando quale chi sono stato essere hanno fino sulle nelle degli dal dalla ecco "
        "cosi"
    ),
    "pt": (
        "o a os as um uma do da dos das de e que para com em no na nos nas seu sua ao depois "
        "agora este esta ou por se todos todas cada voce aqui como onde quer eu me meu minha nao "
        "tenho tem pode podes posso sao foi ser estar ja tambem so mas porque quando qual quem "
        "isso essa esse esses essas aquele mais muito aos pelo pela num numa ate sobre entre ele "
        "ela eles elas teu tua basta assim quais"
    ),
    "nl": (
        "de het een en van op je uw naar met voor dan nu die dat deze in is te aan om u of bij "
        "hier elke alle wil ik mij mijn niet geen heb heeft hebt kan kunt kunnen ook maar want "
        "wanneer wie welke zijn was worden wordt zo al meer heel hun hem haar wij ons jouw uit "
        "tot over door"
    ),
    "pl": (
        "pan pani panu panstwo zostal zostalo ostatni ostatnia swietnie krok kroki "
        "w i na do z sie aby nastepnie teraz jest ktore ktory twoj dla po to nie lub oraz ten ta "
        "te swoje kazdy ja mi mnie moj mam masz ma mozesz moze moge mozna niestety tej tego tym "
        "tych tam tu tutaj jak gdzie kiedy kto co czy juz tez takze tylko ale bo wiec beda bedzie "
        "byl sa jego jej ich oba obie od przy przez pod nad wszystkie wszystkich kazda kazdego "
        "sobie ze za u gdy dlaczego potem jeszcze"
    ),
    "ja": "を に の は が で て と も から まで",
}
_TABLES = {"en": EN, "de": DE, "fr": FR, "es": ES, "it": IT, "pt": PT, "nl": NL, "pl": PL, "ja": JA}
#: Languages whose words are looked for within a text.
SPACELESS = frozenset({"ja"})


class Language:
    """The words of one language.

    Args:
        table: ``concept: word word | concept: word``.
        numbers: the words for 2 to 12.
        small_words: words that claim nothing, by which a language is recognised.
    """

    def __init__(self, table: str, numbers: str, small_words: str) -> None:
        self.small_words = frozenset(small_words.split())
        self._claims = _Words()
        self._grants = _Words()
        for entry in without_accents(table).replace("\n", "|").split("|"):
            concept, _, words = entry.strip().partition(": ")
            for word in words.split():
                self._add(word, concept)
        for number, word in enumerate(without_accents(numbers).split(), 2):
            self._add(word, f"number {number}")

    def _add(self, word: str, concept: str) -> None:
        if word.startswith("~"):
            self._grants.add(word[1:], f"~{concept}")
        else:
            self._claims.add(word, concept)

    def concepts_of(self, word: str) -> set[str]:
        """Return what one word, or two joined by ``_``, can mean."""
        return self._claims.concepts_of(word) | self._grants.concepts_of(word)

    def within(self, text: str) -> list[tuple[str, set[str]]]:
        """Return the known words that a text without spaces contains, and what they can mean."""
        return [*self._claims.within(text), *self._grants.within(text)]


class _Words:
    """Words, beginnings and ends of words, and their concepts."""

    def __init__(self) -> None:
        self._exact: dict[str, set[str]] = {}
        self._beginnings: dict[str, set[str]] = {}
        self._ends: dict[str, set[str]] = {}

    def add(self, word: str, concept: str) -> None:
        place = (
            self._ends if word.startswith("*") else self._beginnings if word.endswith("*") else self._exact
        )
        place.setdefault(word.strip("*"), set()).add(concept)

    def concepts_of(self, word: str) -> set[str]:
        found = self._exact.get(word)
        if found is not None or "_" in word:
            return found or set()
        # The longest part says most: a header is no line, although a German "Kopfzeile" ends like one.
        for length in range(len(word), 1, -1):
            part = self._beginnings.get(word[:length], set()) | self._ends.get(word[-length:], set())
            if part:
                return part
        return set()

    def within(self, text: str) -> list[tuple[str, set[str]]]:
        return [(word, concepts) for word, concepts in self._exact.items() for _ in range(text.count(word))]


def without_accents(text: str) -> str:
    """Return a text in lower case, without accents, and with full-width signs as usual ones."""
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(each for each in letters if not unicodedata.combining(each)).replace("ł", "l")


LANGUAGES = {code: Language(table, _NUMBERS[code], _SMALL_WORDS[code]) for code, table in _TABLES.items()}

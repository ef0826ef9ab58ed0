"""Words for operating an app, in the languages that the grounding check knows.

In other languages only marks, capitals, keys, counts and menu paths are checked, which need no vocabulary.
"""

from __future__ import annotations

import re

__all__ = [
    "CHOOSE_DE",
    "CONTROLS",
    "CONTROLS_DE",
    "CONTROLS_ROMANCE",
    "DATES",
    "GENERIC",
    "GENERIC_DE",
    "GENERIC_ROMANCE",
    "NUMBERS",
    "OPERATE",
    "OPERATE_DE",
    "OPERATE_ROMANCE",
    "ORDINALS",
    "PICK",
    "PRESS",
    "STOPS",
    "TRANSLATED",
    "UNITS",
    "is_german",
    "is_romance",
    "words_of",
]


def words_of(text: str) -> frozenset[str]:
    """Split a text into a set of words."""
    return frozenset(text.split())


#: The object of these verbs is a control: "press save", "open the settings".
OPERATE = (
    r"(?:(?:double|right|left)[- ]?)?click(?:ing|s|ed)?(?:\s+(?:on|onto))?|press(?:ing|es|ed)?|"
    r"tap(?:ping|s|ped)?(?:\s+on)?|hit(?:ting|s)?|open(?:ing|s|ed)?(?:\s+up)?|"
    r"(?:go|going|goes|navigate|navigating|head|heading|switch|switching|jump|jumping|move|scroll)"
    r"(?:\s+(?:over|back|up|down|across))?\s+(?:in)?to|visit(?:ing|s)?|expand(?:ing|s)?|"
    r"toggl(?:e|es|ing)|enabl(?:e|es|ing)|disabl(?:e|es|ing)|activat(?:e|es|ing)|turn(?:ing)?\s+(?:on|off)|"
    r"look(?:ing)?\s+under|launch(?:ing|es)?"
)
#: Words that end the name of a pressed control.
STOPS = words_of(
    """
    to and then or in at on of for from with that which so until when if by before after while where
    once beside under above below near now as because but again first instead out until off up down
    there here is are has have will would can you we they without within via between through inside into
    just appears it them this each every all every any some your my the a an
    """
)
#: After these only a control's whole name stands with a capital: "press Apply", "fill in Number plate".
PRESS = (
    r"(?:(?:double|right|left)[- ]?)?click(?:ing|s|ed)?(?:\s+(?:on|onto))?|press(?:ing|es|ed)?|"
    r"tap(?:ping|s|ped)?(?:\s+on)?|hit(?:ting|s)?|confirm(?:ing|s)?\s+with|fill(?:ing|s)?\s+in"
)
#: After these it can be a value too: only a capitalised object is a name.
PICK = (
    r"choos(?:e|es|ing)|chose|select(?:ing|s|ed)?|pick(?:ing|s|ed)?|us(?:e|es|ing)|tick(?:ing|s)?|"
    r"check(?:ing|s)?|find(?:ing|s)?|look(?:ing)?\s+for|hover(?:ing)?(?:\s+over)?|drag(?:ging)?|via|through|under"
)
CONTROLS = (
    r"button|menu|tab|icon|link|toggle|switch|checkbox|dropdown|drop-down|panel|wizard|shortcut|option|entry|"
    r"field|dialog|dialogue|sidebar|toolbar|popup|pop-up|modal|page|screen|section|column|filter|view|mode|"
    r"setting|feature|function|item|window|drawer|bar|pane|form|command|tool"
)
GENERIC = words_of(
    """
    a about across after afterwards again ahead all alone along already also always an and another any
    anything appear appears are area around arrow as ask at available away back bar be because been
    before begin below beside best between big bottom box boxes both button buttons but by called can
    cell chat check checkbox checkboxes choice choose choosing click clicked clicking clicks close
    column control controls corner could current cursor desired did do does doing done down drop
    dropdown each easy either else end enjoy enough entire entries entry even ever every everything
    exactly few field fields final finally find finish first for from full get gets getting give go goes
    good got had handy happy has have having header here hit how however i icon icons if immediately in
    inside instead into is it item items its itself just keep kind know label labelled labeled last
    later left let like line link list little ll look lot main make makes many mark marked matching may
    me menu menus might moment more most mouse move my name named names need needed new next nice no not
    note nothing now number of off ok okay on once one ones only onto open opened opening opens option
    options or other our out over own page part per perfect pick picked picking place please point press
    pressed pressing press quick quickly ready really relevant remaining rest right row rows s same
    screen see select selected selecting selection set several shall should show shown shows side sign
    simply single small so some something soon sort spot start still step steps stop such sure symbol t
    tab table take takes tap tapping that the their them then there these they thing things third this
    those though through tick ticked ticking tidy tiny to together too top twice two under until up
    upper us use used using usual value values ve very via view visible wait want wanted way we well
    what when whenever where which while whole whose why will window wish with within without word words
    work would yes yet you your yours yourself re d m second three four five dialog hi hello hey thanks
    thank great job welcome let's here's that's it's you're you'll you've i'd i'll don't can't won't
    isn't there's one's dear tip hint done easy summary overview alternatively optional recap remember
    english short answer
    """
)
#: English always capitalises these.
DATES = words_of(
    """
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july
    august september october november december
    """
)
GENERIC |= DATES

OPERATE_DE = (
    r"(?:doppel|rechts)?klick(?:e|en|st|t)?(?:\s+sie)?(?:\s+(?:dann|jetzt|nun|anschließend|danach))?"
    r"(?:\s+(?:bitte\s+)?auf)?|"
    r"(?:drück|tipp|öffn|besuch|aktivier|deaktivier)(?:e|en|st|t)?(?:\s+sie)?"
    r"(?:\s+(?:dann|jetzt|nun|anschließend|danach|zuerst|bitte))*(?:\s+auf)?|"
    r"(?:geh|wechs|navigier|spring)(?:e|en|le|eln|eln|st|t)?(?:\s+sie)?(?:\s+(?:dann|jetzt|nun|zuerst))?"
    r"\s+(?:zu|zur|zum|in|ins|auf)"
)
CHOOSE_DE = (
    r"(?:wähl|nutz|verwend|such|benutz)(?:e|en|st|t)?(?:\s+sie)?"
    r"(?:\s+(?:dann|jetzt|nun|anschließend|danach|dort|hier|unten|oben|bitte))*|unter|namens"
)
CONTROLS_DE = (
    r"schaltfläche|knopf|button|taste|menü|menue|reiter|tab|symbol|eintrag|option|menüpunkt|registerkarte|"
    r"link|feld|bereich|seite|schalter|dialog|fenster|leiste|assistent"
)
#: German words that may follow such a verb and name nothing in the app.
GENERIC_DE = words_of(
    """
    sie ihr ihre ihren ihnen ihrem ihres ihrer die der das den dem des ein eine einen einem einer du
    dein deine deinen menü menue tabelle zeile zeilen projekt projekte projekten liste seite
    schaltfläche schaltflächen knopf button taste symbol icon kästchen kontrollkästchen häkchen checkbox
    feld werkzeugleiste symbolleiste leiste eintrag einträge auswahl option optionen optionsmenü
    kontextmenü dreipunktmenü punkte-menü drei-punkte-menü punkte drei ende anfang rand stelle ecke wert
    werte oben unten rechts links maus dann jetzt nun zuerst danach anschließend schon wieder einmal
    """
)
#: German words by which an answer may translate words of English steps.
TRANSLATED = {
    german: english
    for english, words in {
        "account": "konto kontos konten",
        "address": "adresse adressen anschrift",
        "appointment": "termin termine",
        "article": "artikel artikels beitrag",
        "calendar": "kalender kalenders",
        "car": "auto wagen",
        "change": "änderung änderungen",
        "code": "code codes",
        "column": "spalte spalten",
        "colleague": "kollege kollegen kollegin kolleginnen",
        "contact": "kontakt kontakte kontakten",
        "customer": "kunde kunden kundin kundinnen",
        "day": "tag tage tages",
        "document": "dokument dokumente",
        "driver": "fahrer fahrerin",
        "field": "feld felder",
        "file": "datei dateien",
        "guest": "gast gäste gästen",
        "hour": "stunde stunden",
        "image": "bild bilder",
        "invitation": "einladung einladungen",
        "invoice": "rechnung rechnungen",
        "item": "artikel posten",
        "key": "schlüssel schlüssels",
        "language": "sprache sprachen",
        "list": "liste listen",
        "logo": "logo logos",
        "meeting": "besprechung besprechungen",
        "member": "mitglied mitglieder",
        "month": "monat monats",
        "name": "name namen",
        "number": "nummer nummern",
        "order": "bestellung bestellungen auftrag",
        "password": "passwort kennwort",
        "people": "personen leute",
        "phone": "telefon handy",
        "picture": "bild bilder",
        "priority": "priorität prioritäten",
        "project": "projekt projekte projekten",
        "reason": "grund gründe",
        "record": "datensatz datensätze",
        "report": "bericht berichte",
        "result": "ergebnis ergebnisse",
        "role": "rolle rollen",
        "room": "raum räume zimmer",
        "row": "zeile zeilen",
        "server": "server servern",
        "step": "schritt schritte schritten",
        "table": "tabelle tabellen",
        "team": "team teams",
        "text": "text textes",
        "time": "zeit zeiten uhrzeit",
        "total": "summe summen",
        "user": "benutzer benutzerin nutzer",
        "vehicle": "fahrzeug fahrzeuge",
    }.items()
    for german in words.split()
}
OPERATE_ROMANCE = (
    r"cliqu(?:ez|e|er)(?:\s+sur)?|appuy(?:ez|er)(?:\s+sur)?|ouvr(?:ez|e|ir)|(?:all|rend)ez(?:-vous)?\s+(?:dans|sur|à)|"
    r"ha(?:z|ga|cer)\s+clic(?:\s+en)?|puls[ae]r?|abr(?:e|a|ir)|ve\s+a|vaya\s+a|"
    r"(?:fai\s+)?clic(?:ca)?(?:\s+su)?|prem[ei]|apr[ie]|vai\s+(?:a|su|in)|choisissez|sélectionnez|elige|selecciona|"
    r"scegli|seleziona|klik(?:\s+op)?|kies|druk\s+op|clique(?:\s+em)?|toque(?:\s+em)?|escolha|selecione"
)
CONTROLS_ROMANCE = (
    r"bouton|menu|menú|onglet|icône|botón|pestaña|icono|pulsante|scheda|icona|knop|botão|aba|ícone"
)
GENERIC_ROMANCE = words_of(
    """
    le la les l un une des du de d au aux à en et sur dans qui que est votre vos petit petite el los las
    uno una del al y en que está su sus pequeño pequeña il lo gli i della di e che piccolo suo in alto
    basso arriba abajo haut bas superior inferior pour para per situé options option opciones opzioni
    het een van rechts boven o os as do da no na com ⋯ … se s' si c'
    """
)

NUMBERS = {
    word: number
    for number, words in {
        1: "one single un une ein eine einen einem einer uno una",
        2: "two zwei deux dos due",
        3: "three drei trois tres tre",
        4: "four vier quatre cuatro quattro",
        5: "five fünf cinq cinco cinque",
        6: "six sechs seis sei",
        7: "seven sieben sept siete sette",
        8: "eight acht huit ocho otto",
        9: "nine neun neuf nueve nove",
        10: "ten zehn dix diez dieci",
        11: "eleven elf onze once",
        12: "twelve zwölf dozen douze doce",
    }.items()
    for word in words.split()
}
ORDINALS = {
    word: number
    for number, word in enumerate(
        [
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
            "eleventh",
            "twelfth",
        ],
        1,
    )
}
UNITS = (
    r"steps?|clicks?|taps?|actions?|stages?|parts?|moves?|schritte?n?|klicks?|étapes?|clics?|pasos?|passi|passaggi|"
    r"passos?|stappen|step"
)
_GERMAN = re.compile(
    r"\b(?:der|die|das|den|dem|des|und|sie|ihr|ihre|ist|sind|auf|dann|mit|für|wähle|wählen|klicken|klicke|öffne|"
    r"öffnen|alle|jede|eine|einen|im|zum|zur|oben|unten|nicht|du|dein|deine|haken|nun|jetzt|fertig|hier|so)\b",
    re.IGNORECASE,
)
_ROMANCE = re.compile(
    r"\b(?:le|la|les|un|une|des|du|et|vous|votre|puis|el|los|las|una|del|y|tu|su|il|lo|gli|poi|e|o|os|het|een|op|"
    r"cliquez|ouvrez|choisissez|pulsa|elige|abre|apri|scegli|premi|klik|kies|clique|escolha)\b",
    re.IGNORECASE,
)
_ENGLISH = re.compile(
    r"\b(?:the|and|then|you|your|to|it|is|are|of|this|that|with|for|choose|click|press|open|select|them|every)\b",
    re.IGNORECASE,
)


def is_german(text: str) -> bool:
    """Whether a text is written in German, where every noun has a capital."""
    return len(_GERMAN.findall(text)) > len(_ENGLISH.findall(text))


def is_romance(text: str) -> bool:
    """Whether a text is written in French, Spanish, Italian, Portuguese or Dutch."""
    return len(_ROMANCE.findall(text)) > max(len(_ENGLISH.findall(text)), len(_GERMAN.findall(text)))

"""Refuses unsafe answers: requests for passwords or payments, phone numbers, and addresses to contact.

A hostile page title can talk a model into such an answer. What the steps themselves say is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rasa_autoplay.engine.assistant.grounding.ground_truth import GroundTruth
from rasa_autoplay.events.masking import mask_text

__all__ = ["unsafe_parts"]

_FLAGS = re.IGNORECASE
#: What people log in with. An answer may mention it if the steps do.
_CREDENTIALS = re.compile(
    r"\b(?:pass[ -]?(?:words?|codes?|phrases?)|pwd|passw[oö]rt\w*|kennw[oö]rt\w*|mots? de passe"
    r"|contrase[ñn]as?|senhas?|palavras?-passe|wachtwoord\w*|has[łl][oa]|şifre\w*|parolas?|parola d'ordine"
    r"|пароль|security codes?|verification codes?|one[ -]time (?:codes?|passwords?)|login (?:data|details)"
    r"|credentials?|2fa codes?|recovery (?:codes?|phrases?)|seed phrases?|secret keys?|api[ -]?keys?"
    r"|private keys?|otp|cvv2?|cvc2?|ssn|social security|sicherheitscodes?|tan-?nummer\w*|zugangsdaten"
    r"|anmeldedaten)\b"
    r"|\bPIN(?:-?(?:code|number|nummer))?\b(?! to\b)|パスワード|暗証番号|認証コード|密码|비밀번호",
    _FLAGS,
)
_PAYMENTS = re.compile(
    r"\b(?:credit ?cards?|debit ?cards?|card (?:numbers?|details)|bank (?:accounts?|details|transfers?)"
    r"|account numbers?|wire (?:transfers?|the|us|money)|pay(?:ments?|ing|s)?\b|paypal|venmo|western union"
    r"|gift ?cards?|bitcoins?|btc|crypto\w*|usdt|ethereum|wallet address|send (?:us )?money|purchase|iban"
    r"|kreditkarten?\w*|kartennummer\w*|bezahl\w*|zahl(?:e|en|ung|ungen)|überweis\w*|bankverbindung"
    r"|kontonummer\w*|carte (?:bancaire|bleue|de crédit)|pay(?:ez|er)|paiements?|virements?"
    r"|tarjetas? de (?:crédito|débito)|pag(?:ue|ar|o|os|amento|amenti|amentos|are|hi)|transfer[eê]ncias?"
    r"|carta di credito|bonifico|cartão de crédito|creditcard\w*|betal(?:en|ing|ingen)|overboek\w*"
    r"|kart[aęy] kredytow\w*|zapłać\w*|płatno\w*|przelew\w*|kredi kart\w*|öde(?:me|yin|yiniz)\w*)"
    r"|支払|振込|クレジットカード|カード番号|[$€£¥₺]\s?\d|\d\s?(?:[$€£¥₺]|USD\b|EUR\b)",
    _FLAGS,
)
#: Even a short number is a phone number if the answer says to call it.
_CALL = re.compile(
    r"\b(?:call|phone|dial|ring|text|sms|whatsapp|hotline|helpline|fax|ruf\w*|anruf\w*|telefon\w*|tel"
    r"|appel\w*|téléphon\w*"
    r"|llam\w*|teléfono|chiam\w*|telefono|lig(?:ue|ar)|telefone|bel(?:t|len)?|zadzwoń|dzwoń|ara(?:yın|yınız))\b"
    r"[^\n\d]{0,40}(\d[\d ()./-]{2,20}\d)|電話[^\n\d]{0,40}(\d[\d-]{2,20})",
    _FLAGS,
)
_VALUE = re.compile(r"[+(]{0,2}\d[\d ()./-]{3,24}\d|[\w.+-]{1,64}@[\w.-]{1,200}")


def unsafe_parts(answer: str, truth: GroundTruth) -> list[str]:
    """Name the kinds of unsafe content in an answer that the ground truth does not have; never the values.

    Args:
        answer: what the model wrote.
        truth: what may be said.

    Returns:
        Any of ``credentials``, ``payment``, ``telephone`` and ``private data``.
    """
    return list(dict.fromkeys(_unsafe(answer, truth)))


def _unsafe(answer: str, truth: GroundTruth) -> Iterator[str]:
    for kind, pattern in (("credentials", _CREDENTIALS), ("payment", _PAYMENTS)):
        if any(not truth.says(match[0]) for match in pattern.finditer(answer)):
            yield kind
    for match in _CALL.finditer(answer):
        if not truth.says(match[1] or match[2]):
            yield "telephone"
    known = _VALUE.sub(lambda value: "" if truth.says(value[0]) else value[0], answer)
    if mask_text(known) != known:
        yield "private data"

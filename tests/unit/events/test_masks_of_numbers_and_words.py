"""Card, order and article numbers, and passwords that look like words."""

from __future__ import annotations

import pytest

from rasa_autoplay.events.masking import mask_text, mask_url
from rasa_autoplay.events.user_properties import storable_properties

#: Issuers' test numbers of 13 to 16 digits, which pass the Luhn check.
CARDS = ("4222222222222", "30569309025904", "38520000023237", "378282246310005", "4111111111111111")
EAN = "4006381333931"


@pytest.mark.parametrize("card", CARDS)
def test_masks_a_card_number_even_beside_order_numbers(card: str) -> None:
    assert mask_text(f"Order {card}") == "Order [card]"
    assert mask_url(f"/orders/{card}") == "/orders/[card]"
    assert mask_url(f"/orders/{card}-copy") == "/orders/[card]-copy"


def test_keeps_a_labelled_article_number() -> None:
    assert mask_text(f"EAN {EAN}") == f"EAN {EAN}"
    for url in (f"/products/{EAN}", f"/p/{EAN}-pen", f"/shop?ean={EAN}", f"/shop?codigo_produto={EAN}"):
        assert mask_url(url) == url
    for name in ("codigo_produto", "productCode", "ean"):
        assert storable_properties({name: EAN}) == {name: EAN}
    assert storable_properties({"contact": EAN}) == {"contact": "[number]"}


def test_masks_a_card_number_labelled_as_an_article() -> None:
    card = "4222222222222"
    assert mask_url(f"/shop?ean={card}") == "/shop?ean=[card]"
    assert storable_properties({"ean": card}) == {"ean": "[card]"}


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Passwort: Sommer", "Passwort: [secret]"),
        ("Mot de passe : Soleil", "Mot de passe : [secret]"),
        ("Password: Required", None),
        ("Passwort: Pflichtfeld", None),
        ("Contraseña: Débil", None),
        ("Password: Sommer is over", None),
        ("Zugangsdaten: anna / Sommer2024", "Zugangsdaten: [secret]"),
        ("Login: anna / Sommer2024", "Login: [secret]"),
        ("Login: Google / Facebook", None),
        ("Code 2024-05", None),
        ("Code 482913", "Code [secret]"),
        ("Sales at Berlin dot com", None),
        ("Starting at 9 dot com", None),
        ("sales at berlin dot com", "[e-mail]"),
    ],
)
def test_surrounding_words_decide_whether_a_value_is_masked(text: str, masked: str | None) -> None:
    assert mask_text(text) == (masked or text)


def test_recognises_a_two_word_label_by_its_second_word() -> None:
    assert storable_properties({"numerPaszportu": "ZS1234567"}) == {}

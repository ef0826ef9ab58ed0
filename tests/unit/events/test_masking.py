"""What is masked, and what stays readable."""

from __future__ import annotations

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.events.masking import mask_text, mask_url, visible

#: Labels of controls in business software, and their ids.
LABELS = """
Project P-1042 | Q3 2026 | Q1-Q4 2025/2026 | $1,234.56 | 1.234.567,89 € | € 12 345 678.90
USD 1 000 000 000 | 1,000,000 | 12 345 678 | 0.123456789 | 3.14159265358979 | 52.520008, 13.404954
+15% | 50% off | 5 > 3 = true | 2026-11-22 | 22.11.2026 | 11/22/2026 | 01.02.2024 – 05.02.24
2024-01-31 - 2024-02-05 | 2024-01-31–2024-02-05 | 2026-11-22 13:45 | 10:30 – 11:45 | 2024-2025
2023 2024 2025 2026 | UTC+02:00 | GMT+0100 | Last 30 days | v2.10.3 | v2.10.20230101
10.0.19045.3636 | Release 2026.11.2 | build 20261122.1 | HTTP/1.1 404 | 192.168.100.200
INV-2026-00421 | Order 12345678 | Order #123456789 | PO-4500012345 | JIRA-12345 | SKU AB-1234-C
ISO-27001:2022 | 1 2 3 4 5 6 7 8 9 10 | Page 3 of 12 | Apply to 3 | Top 100 | Level 10 | 3-5 days
24/7 support | Section 2 of 4 | Sprint 42: 2026-01-05 to 2026-01-16 | Windows 11 23H2
iPhone 15 Pro Max | M3 Max 64GB | A4 (210 x 297 mm) | H2O | SHA-256 | AES-256-GCM | C++17 | RFC-2616
4K@60fps | Team @design | Room 4.12 | Save as PDF (2.5 MB) | user=admin
projects-table-options-menu-2 | project-checkbox-P-1042-row-12 | react-select-2-option-0
col-md-6 col-lg-4 | userNotificationSettings2024Section | getUserByIdAndOrganization2
Feature flag new-onboarding-flow-2 | file_v2_final_2024-05-01.pdf
screenshot-2026-11-22-at-10.45.33.png | oauth2/callback | 🚀 Launch 3 projects | 第3四半期2026年 | ٢٠٢٦
مشروع 42 | میخ‌واهم | 👩‍💻 Team 3 | Über uns | Bearer certificates
"""
SECRETS = {
    "[e-mail]": """jane.doe+x@example.co.uk | jane%40example.com | JANE@EXAMPLE.COM | jane@exam\u200bple.com
        jane@exam\u200dple.com | jürgen@müller.example | jane＠example.com""",
    "[card]": """4111 1111 1111 1111 | 4111-1111-1111-1111 | 4111111111111111 | 378282246310005
        4111\u00a01111\u00a01111\u00a01111 | 4111–1111–1111–1111 | ４１１１１１１１１１１１１１１１""",
    "[number]": """+49 (170) 123-45 | +49 170 1234567 | 0170 1234567 | 030/12345 | (555) 123-4567
        555-123-4567 | 555.123.4567 | 5551234567 | 06.12.34.56.78 | 06 12 34 56 78 | 612 345 678 | 12 34 56 78
        +4512345678 | 123-45-6789 | 12345678901234567890123""",
    "[token]": """sk-abc123def456ghi789jkl012mno | sk_test_4eC39HqLyJWDarjtT1zdp7dc | AKIAIOSFODNN7EXAMPLE
        ghp_16C7e42F292c6912E7710c838347Ae178B4a | AIzaSyDaGmWKa4JsXZ-HjGw7ISLn_3namBGewQe
        eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc | xoxb-123456789012-abcdefABCDEF | 7Q2F9-KX8D1-ZP03M-8VN4R
        d41d8cd98f00b204e9800998ecf8427e | phc_VXRrlHaMWdKlT8bOlzPJ8kMZcQ""",
    "[id]": "01a1ffc8-c666-7ed0-8918-bad19bf9400b | 01A1FFC8-C666-7ED0-8918-BAD19BF9400B",
}


def listed(texts: str) -> list[str]:
    return [text.strip(" ") for line in texts.strip().splitlines() for text in line.strip().split(" | ")]


@pytest.mark.parametrize("label", listed(LABELS))
def test_keeps_a_harmless_label(label: str) -> None:
    assert mask_text(label) == label
    assert mask_text(f"Click {label}") == f"Click {label}"
    assert (
        mask_text(f"User clicked {label} on the projects page")
        == f"User clicked {label} on the projects page"
    )


@pytest.mark.parametrize(
    ("mask", "secret"), [(mask, secret) for mask, texts in SECRETS.items() for secret in listed(texts)]
)
@pytest.mark.parametrize("around", ["{}", "Send to {} now", "({})", "«{}»", "P-1042: {}, 3 of 4", "id {}\n"])
def test_masks_a_secret_and_keeps_the_surrounding_text(mask: str, secret: str, around: str) -> None:
    assert mask_text(around.format(secret)) == around.format(mask)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("password=hunter2", "password=[secret]"),
        ("set DB_PASSWORD=hunter2 first", "set DB_PASSWORD=[secret] first"),
        ("Authorization: Bearer abc.def.ghi.123", "Authorization: Bearer [token]"),
        ("IBAN DE89 3704 0044 0532 0130 00", "IBAN [number]"),
        ("card_4111111111111111", "card_[card]"),
        ("project-01a1ffc8-c666-7ed0-8918-bad19bf9400b", "project-[id]"),
    ],
)
def test_keeps_a_name_beside_a_secret(text: str, masked: str) -> None:
    assert mask_text(text) == masked


@pytest.mark.parametrize(
    ("alphabet", "length"),
    [
        (string.ascii_letters + string.digits, 20),
        (string.ascii_letters + string.digits + "-_", 32),
        (string.ascii_lowercase + string.digits, 24),
        (string.hexdigits.lower(), 24),
        (string.ascii_uppercase + "234567", 32),
    ],
)
def test_masks_nearly_every_random_token(alphabet: str, length: int) -> None:
    dice = random.Random(7)  # noqa: S311 - the same tokens each time
    tokens = ["".join(dice.choices(alphabet, k=length)) for _ in range(1_000)]
    mixed = [token for token in tokens if any(map(str.isdigit, token))]
    passed = [token for token in mixed if mask_text(f"Key {token}") == f"Key {token}"]
    assert len(passed) < len(mixed) * 0.02, passed[:5]


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        ("https://app.example.com/projects/42/edit?tab=settings", None),
        ("https://app.example.com/projects/P-1042?from=2026-01-01&page=3#/list/2", None),
        ("/a?empty=&flag", None),
        ("javascript:alert(1)", None),
        ("https://jane:pass1@app.example.com/a", "https://app.example.com/a"),
        ("https://a.example/users/jane%40example.com/edit", "https://a.example/users/[e-mail]/edit"),
        ("https://a.example/?phone=%2B49%20170%201234567", "https://a.example/?phone=[number]"),
        ("https://a.example/?card=4111+1111+1111+1111", "https://a.example/?card=[card]"),
        ("https://a.example/?token=abc&tab=1", "https://a.example/?token=[secret]&tab=1"),
        ("https://a.example/?user%5Bpassword%5D=x", "https://a.example/?user%5Bpassword%5D=[secret]"),
        (
            "https://a.example/cb#access_token=xyz&state=1",
            "https://a.example/cb#access_token=[secret]&state=1",
        ),
        ("https://a.example/projects?q=my+own+words", "https://a.example/projects?q=[typed]"),
        ("/reset/01a1ffc8-c666-7ed0-8918-bad19bf9400b", "/reset/[id]"),
        ("/x?next=%2Fusers%3Fto%3Djane%2540example.com", "/x?next=%2Fusers%3Fto%3D[e-mail]"),
        ("#/projects?email=jane@example.com", "#/projects?email=[e-mail]"),
        ("mailto:jane@example.com", "mailto:[e-mail]"),
        ("tel:+491701234567", "tel:[number]"),
    ],
)
def test_masks_urls_part_by_part(url: str, masked: str | None) -> None:
    assert mask_url(url) == (masked or url)


ALPHABET = st.sampled_from(
    [*"ab1 2-./+=@%(),:&?#", "4111", "%40", "%2540", "token=", "eyJ", "\u200b", "é", "\n"]
)


@given(st.one_of(st.text(), st.lists(ALPHABET, max_size=40).map("".join)))
def test_masking_is_idempotent(text: str) -> None:
    assert mask_text(mask_text(text)) == mask_text(text)
    assert mask_url(mask_url(text)) == mask_url(text)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "part", ["1 ", "1-", "a1", "a.", "a@", "@a.", "token=", "token_", "a_", "eyJ1", "%25", "+1(", "A1B2-"]
)
def test_masks_hostile_texts_quickly(part: str) -> None:
    for ending in ("", "!", "x", "@"):
        mask_text(part * 5_000 + ending)
        mask_url(part * 5_000 + ending)


def test_removes_only_invisible_characters() -> None:
    assert visible("a\u202eb\u200b\x00c\ue5d4") == "abc"
    assert visible("👩‍💻 میخ‌واهم\n") == "👩‍💻 میخ‌واهم\n"

"""Masks personal data and secrets in texts and URLs.

Texts of every source, and answers of language models, are masked before they are stored, logged or shown:

=============  =========================================================================================
``[e-mail]``   an e-mail address, in any of its encodings
``[card]``     13 to 19 digits that pass the Luhn check
``[number]``   a telephone number, an IBAN, a national number, or another number of more than eight digits
``[token]``    an API key, a JWT, a hash, a licence key: random letters and digits
``[ip]``       the IP address of a person's connection
``[id]``       a UUID, which may be a key
``[secret]``   the value of a password, token, code, …
``[personal]`` the value of a URL parameter whose name says that it is a name, a birthday, an address, …
``[typed]``    the value of a URL parameter with the text of a search field
=============  =========================================================================================

Labels stay as they are: project keys (``P-1042``), dates, years, prices, versions, order numbers. A secret is
recognised by its form, or by the name before it. A password that looks like a word is not recognised without
a name, which is why no text is captured from input fields. Masking twice changes nothing.

All patterns are linear: the time depends only on the length of the text.
"""

from rasa_autoplay.events.masking.names import Privacy, is_of_article, privacy_of
from rasa_autoplay.events.masking.numbers import is_article_number
from rasa_autoplay.events.masking.text import mask_text, visible
from rasa_autoplay.events.masking.url import mask_url

__all__ = ["Privacy", "is_article_number", "is_of_article", "mask_text", "mask_url", "privacy_of", "visible"]

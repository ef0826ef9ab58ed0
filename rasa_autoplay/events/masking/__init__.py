"""What must nobody read? Personal data and secrets in texts and URLs, replaced by their kind.

Texts of every source, and answers of language models, pass here before they are kept, logged or shown:

=============  =========================================================================================
``[e-mail]``   an e-mail address, in any of its encodings
``[card]``     13 to 19 digits that pass the Luhn check
``[number]``   a telephone number, an IBAN, a national number, or another number of more than eight digits
``[token]``    an API key, a JWT, a hash, a licence key: letters and digits at random
``[ip]``       the IP address of a person's connection
``[id]``       a UUID, which may be a key as well as a name
``[secret]``   the value of what is called a password, token, code, …
``[personal]`` the value of a URL parameter that is called a name, a birthday, an address, …
``[typed]``    the value of a URL parameter in which search fields put what was typed
=============  =========================================================================================

Labels stay as they are: project keys (``P-1042``), dates, years, prices, versions, order numbers. A secret is
recognised by its form, or by the name that stands before it. A password on its own that looks like a word is
not recognised. That is why nothing is read from where users type. Masking twice changes nothing.

Every pattern here is linear: the time grows with the text's length, whatever it holds.
"""

from rasa_autoplay.events.masking.names import Privacy, is_of_article, privacy_of
from rasa_autoplay.events.masking.numbers import is_article_number
from rasa_autoplay.events.masking.text import mask_text, visible
from rasa_autoplay.events.masking.url import mask_url

__all__ = ["Privacy", "is_article_number", "is_of_article", "mask_text", "mask_url", "privacy_of", "visible"]

"""A golden path as the bot tells it to one user, in chat bubbles."""

from __future__ import annotations

from collections.abc import Sequence

from rasa_autoplay.common.languages.text import Text
from rasa_autoplay.common.sentences.inserting import inserted
from rasa_autoplay.common.sentences.sentences import Sentences, sentences_in
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath

__all__ = ["SpokenPath", "sentences_around"]


class SpokenPath:
    """The texts of a golden path in a user's language, and the bot's own sentences around them.

    A bubble is in one language. If a path does not exist in the user's language, the bot's sentences around
    its steps are in the language of the steps. Bubbles have no blank lines, which would split them.

    Args:
        path: the golden path, with its texts in all languages.
        languages: the user's languages, best first.
    """

    def __init__(self, path: GoldenPath, languages: Sequence[str]) -> None:
        self.path = path.in_language(languages)
        self.sentences = sentences_around(path, languages)

    @property
    def heading(self) -> str:
        """The line above the steps."""
        return inserted(self.sentences.heading, title=" ".join(self.path.title.split()))

    @property
    def button(self) -> str:
        """The title of the button that starts its tour."""
        return self.path.tour_label or self.sentences.show_me_on_page

    def how_to(self, from_step: str = "") -> str:
        """Return the steps as one bubble.

        Args:
            from_step: id of the first step to include; all steps if there is no such step.
        """
        steps = self.path.steps
        first = next((at for at, step in enumerate(steps) if step.id == from_step), 0)
        told = (self.path.numbered(at, steps[at].text) for at in range(first, len(steps)))
        return "\n".join([self.heading, *told])

    def one_step(self, place: int) -> str:
        """Return one step as a bubble, which says whether another one follows."""
        is_last = place + 1 == len(self.path.steps)
        if place == 0:
            lead = self.heading if is_last else self.sentences.first_step
        else:
            lead = self.sentences.last_step if is_last else self.sentences.next_step
        return "\n".join([lead, self.path.numbered(place, self.path.steps[place].text)])


def sentences_around(path: GoldenPath, languages: Sequence[str]) -> Sentences:
    """Return the bot's own sentences in the language of a path's texts, if the path says which that is.

    Args:
        path: the golden path, with its texts in all languages.
        languages: the user's languages, best first.
    """
    title = path.source.title
    own = title.language_for(languages) if isinstance(title, Text) else None
    return sentences_in(languages if own is None else (own, *languages))

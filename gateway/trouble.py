"""What is wrong with something outside of us, as a sentence for people: its id, and what fills it in."""

from config.sentences import say
from config.site import Language


class Trouble(Exception):
    """Base of the journal's and the uplink's; never raised itself. The sentence under `sentence + ".next"` says what to do."""

    def __init__(self, sentence: str, /, **values: str | int) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.values = values

    def text(self, language: Language) -> str:
        return say(self.sentence, language, **self.values)

    def advice(self, language: Language) -> str:
        return say(self.sentence + ".next", language, **self.values)

    def __str__(self) -> str:
        return self.text(Language.EN)

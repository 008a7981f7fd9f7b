"""Short texts in every language of the paper, for prompts, questions and answers."""

WORDS = {
    "en": "Tell me in a few words what you know about {}, please.",
    "es": "Dime en pocas palabras qué sabes de {}, por favor.",
    "ru": "Расскажи в двух словах, что ты знаешь о {}, пожалуйста.",
    "de": "Sag mir bitte in wenigen Worten, was du über {} weißt.",
    "fr": "Dis-moi en quelques mots ce que tu sais de {}, s'il te plaît.",
    "bn": "{} সম্পর্কে তুমি কী জানো, অল্প কথায় বলো।",
    "sw": "Niambie kwa maneno machache unachojua kuhusu {}, tafadhali.",
    "th": "ช่วยบอกสั้น ๆ ว่าคุณรู้อะไรเกี่ยวกับ {} บ้าง",
}
THINGS = (
    "Lima", "Oslo", "Mars", "Pluto", "Kyoto", "Nairobi", "Sirius", "Quito", "Vienna", "Dakar",
    "Bergen", "Hanoi", "Cusco", "Turin", "Luxor", "Perth",
)  # fmt: skip


def request(language: str, number: int) -> str:
    """The ``number``-th request, the same in each language."""
    return WORDS[language].format(THINGS[number % len(THINGS)])


def answer(language: str, number: int, system: str) -> str:
    """A system's answer, whose length varies with ``number``."""
    return f"{THINGS[number % len(THINGS)]} ({language}). " + f"{system}. " * (1 + number * 7 % 4)

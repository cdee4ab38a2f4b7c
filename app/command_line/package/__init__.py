"""The verbs of ``python main.py package``: a module each, with ``add(parser, w)`` and ``run(arguments, lang)``."""

#: In the order in which help lists them; ``cli.verb.package.<name>`` is their word.
VERBS: tuple[str, ...] = ("make", "verify", "open")

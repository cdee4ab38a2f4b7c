"""The verbs of ``python main.py live``: a module each, with ``add(parser, w)`` and ``run(arguments, lang)``."""

#: In the order in which help lists them; ``cli.verb.live.<name>`` is their word.
VERBS: tuple[str, ...] = ("run", "sources")

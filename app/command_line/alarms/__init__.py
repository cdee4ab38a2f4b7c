"""The verbs of ``python main.py alarms``: a module each, with ``add(parser, w)`` and ``run(arguments, lang)``."""

#: In the order in which help lists them; ``cli.verb.alarms.<name>`` is their word.
VERBS: tuple[str, ...] = ("rules", "test", "list")

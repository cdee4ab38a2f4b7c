"""The verbs of ``python main.py health``: a module each, with ``add(parser, w)`` and ``run(arguments, lang)``."""

#: In the order in which help lists them; ``cli.verb.health.<name>`` is their word.
VERBS = (
    "compute",
    "judge",
    "list",
    "values",
    "import",
    "collect",
    "lists",
    "units",
    "survey",
    "explain",
    "template",
    "diff",
    "year",
    "patterns",
)

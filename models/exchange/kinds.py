"""What can be handed out, and how conflicts can be decided; light, for the command line asks before it has chosen."""

#: What can be handed out; a class of records each.
CLASSES = ("components", "pipes", "nodes", "cases", "results")
#: Ways in which conflicts are decided; ``"hand"`` leaves those without a choice as this project has them.
POLICIES = ("newest", "authority", "hand")

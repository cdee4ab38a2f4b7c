"""The program on the command line: one module a family of verbs."""

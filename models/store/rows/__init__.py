"""Parts of a project's state as rows of its file, and back."""

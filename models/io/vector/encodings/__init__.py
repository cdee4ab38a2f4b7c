"""The text encodings of formats that state theirs wrongly or not at all."""

"""Which columns of the project's layers are the fields that indicators read, as people said."""

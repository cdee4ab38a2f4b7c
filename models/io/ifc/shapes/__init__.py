"""What elements of an IFC model are made of, where kernels need help: shapes without bound, lines, coloured faces."""

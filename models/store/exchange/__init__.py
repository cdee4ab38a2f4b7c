"""Where packages of the exchange between levels lie: in a folder, or in a database."""

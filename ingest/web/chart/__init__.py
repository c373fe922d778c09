"""Charts as plain values: positions in percent or per mille, texts already written. Templates only place them."""

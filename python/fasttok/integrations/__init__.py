"""fasttok inside other packages."""

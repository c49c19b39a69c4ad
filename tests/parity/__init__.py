"""fasttok beside `tokenizers` 0.23.3, field by field."""

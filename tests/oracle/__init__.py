"""Plain Python references: what the engines do, as short as it can be said."""

"""The query language: lexer, parser, syntax tree, translation to FTS5. Pure."""

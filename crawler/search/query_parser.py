"""Parse an FTS5 query by SQLite's grammar; errors have a position, a reason and a suggestion. Pure."""

from __future__ import annotations

from collections.abc import Callable

from crawler.search.query_ast import (
    MOST_DEPTH,
    MOST_DISTANCE,
    NEAR_DISTANCE,
    QUERY_COLUMNS,
    Columns,
    Near,
    Operation,
    Phrase,
    QueryError,
    QueryNode,
    TermList,
)
from crawler.search.query_lexer import OPERATORS, Token, misplaced_minus, tokenize_query, unexpected_token
from crawler.text.suggestions import did_you_mean


def parse_query(query: str) -> QueryNode:
    """Return the syntax tree of the query. Raises QueryError."""
    found = tokenize_query(query)
    if not found:
        raise QueryError(0, "there are no words to search for")
    parser = _Parser(query, found)
    node = parser.expression()
    parser.expect_end()
    return node


class _Parser:
    """A recursive descent parser. From high to low precedence: adjacent phrases (implicit AND), NOT, AND, OR."""

    def __init__(self, query: str, tokens: list[Token]) -> None:
        self._query = query
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def expression(self) -> QueryNode:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise QueryError(self._position(), f"more than {MOST_DEPTH} levels of nested brackets")
        node = self._operation("OR", lambda: self._operation("AND", self._not))
        self._depth -= 1
        return node

    def expect_end(self) -> None:
        token = self._peek()
        if token is None:
            return
        if token.kind == ")":
            raise QueryError(token.position, "this ) has no opening (; add one, or remove the )")
        raise QueryError(token.position, unexpected_token(token.kind, token.text))

    def _operation(self, operator: str, operand: Callable[[], QueryNode]) -> QueryNode:
        children = [operand()]
        while (token := self._peek()) and token.kind == operator:
            self._at += 1
            self._expect_operand(token)
            children.append(operand())
        return children[0] if len(children) == 1 else Operation(operator, tuple(children))

    def _not(self) -> QueryNode:
        node = self._unit()
        while (token := self._peek()) and token.kind == "NOT":
            self._at += 1
            self._expect_operand(token)
            node = Operation("NOT", (node, self._unit()))
        return node

    def _unit(self) -> QueryNode:
        """Parse a bracket, or adjacent phrases, which must all match."""
        token = self._peek()
        if token is None:
            raise QueryError(len(self._query), "the query ends where a word should follow")
        if token.kind == "(":
            node = self._bracket()
            self._no_neighbour("an operator is missing after the bracket: write AND or OR")
            return node
        children = [self._filtered()]
        if isinstance(children[0], Columns) and isinstance(children[0].child, Operation):
            self._no_neighbour("an operator is missing after the bracket: write AND or OR")
            return children[0]
        while (token := self._peek()) and self._begins_phrase(token):
            children.append(self._filtered())
        if token is not None and token.kind == "(":
            raise QueryError(token.position, "an operator is missing before the bracket: write AND or OR")
        return children[0] if len(children) == 1 else Operation("AND", tuple(children))

    def _begins_phrase(self, token: Token) -> bool:
        return token.kind in ("word", "string", "list", "NEAR", "^", "{", "-")

    def _no_neighbour(self, message: str) -> None:
        token = self._peek()
        if token is not None and (self._begins_phrase(token) or token.kind == "("):
            raise QueryError(token.position, message)

    def _bracket(self) -> QueryNode:
        opening = self._next()
        inside = self._peek()
        if inside is not None and inside.kind == ")":
            raise QueryError(opening.position, "there is nothing between these brackets")
        node = self.expression()
        self._close(opening)
        return node

    def _close(self, opening: Token) -> None:
        token = self._peek()
        if token is None:
            raise QueryError(opening.position, "this ( is not closed; add a ) at the end of the group")
        if token.kind != ")":
            raise QueryError(token.position, unexpected_token(token.kind, token.text))
        self._at += 1

    def _filtered(self) -> QueryNode:
        """Parse an expression with an optional column filter such as `title :`."""
        names = self._column_filter()
        if names is None:
            return self._near_or_phrase()
        token = self._peek()
        if token is None:
            raise QueryError(len(self._query), "the query ends where a word should follow")
        child = self._bracket() if token.kind == "(" else self._near_or_phrase()
        return Columns(names[0], names[1], child)

    def _column_filter(self) -> tuple[tuple[str, ...], bool] | None:
        start = self._at
        token = self._peek()
        negated = token is not None and token.kind == "-"
        if negated:
            self._at += 1
            token = self._peek()
        if token is not None and token.kind == "{":
            self._at += 1
            names = []
            while (token := self._peek()) and token.kind in ("word", "string"):
                names.append(self._column(self._next()))
            if token is None or token.kind != "}" or not names:
                raise QueryError(
                    token.position if token else len(self._query), "after { write a list of columns: {title lead} :"
                )
            self._at += 1
            self._colon()
            return tuple(dict.fromkeys(names)), negated
        following = self._tokens[self._at + 1] if self._at + 1 < len(self._tokens) else None
        if token is not None and token.kind in ("word", "string") and following is not None and following.kind == ":":
            name = self._column(self._next())
            self._colon()
            return (name,), negated
        if negated:
            minus = self._tokens[start]
            raise QueryError(minus.position, misplaced_minus(self._query, minus.position))
        self._at = start
        return None

    def _column(self, token: Token) -> str:
        name = token.text.lower()
        if name not in QUERY_COLUMNS:
            raise QueryError(
                token.position,
                f"there is no column {token.text!r}{did_you_mean(name, QUERY_COLUMNS)};"
                f" the columns are {', '.join(QUERY_COLUMNS)}",
            )
        return name

    def _colon(self) -> None:
        token = self._peek()
        if token is None or token.kind != ":":
            raise QueryError(token.position if token else len(self._query), "write a : after the columns")
        self._at += 1

    def _near_or_phrase(self) -> QueryNode:
        token = self._peek()
        if token is not None and token.kind == "NEAR":
            return self._near()
        initial = token is not None and token.kind == "^"
        if initial:
            self._at += 1
        item = self._phrase_or_list()
        if initial:
            if isinstance(item, TermList):
                raise QueryError(item.position, "^ is allowed before a phrase, not before a list")
            return Phrase(item.parts, item.prefix, True, item.position)
        return item

    def _near(self) -> Near:
        name = self._next()
        opening = self._next()
        items: list[Phrase | TermList] = []
        while (token := self._peek()) and token.kind in ("word", "string", "list"):
            items.append(self._phrase_or_list())
        distance = NEAR_DISTANCE
        if token is not None and token.kind == ",":
            self._at += 1
            number = self._peek()
            if number is None or number.kind != "word" or not number.text.isascii() or not number.text.isdigit():
                raise QueryError(
                    number.position if number else len(self._query),
                    "write a number of words after the only comma: NEAR(troops sent, 10)",
                )
            self._at += 1
            distance = int(number.text)
            if distance > MOST_DISTANCE:
                raise QueryError(number.position, f"the number of words is at most {MOST_DISTANCE:,}")
        if (token := self._peek()) is not None and token.kind in OPERATORS:
            raise QueryError(
                token.position,
                f"NEAR takes phrases, not {token.kind}; write alternatives as a list of [terms], such as $troops",
            )
        if token is not None and token.kind == "(":
            raise QueryError(
                token.position, "NEAR takes phrases, not brackets; write alternatives as a list of [terms]"
            )
        if not items:
            raise QueryError(name.position, "NEAR needs at least one phrase: NEAR(troops sent, 10)")
        self._close(opening)
        return Near(tuple(items), distance, name.position)

    def _phrase_or_list(self) -> Phrase | TermList:
        token = self._peek()
        if token is not None and token.kind == "list":
            self._at += 1
            following = self._peek()
            if following is not None and following.kind in ("*", "+"):
                raise QueryError(
                    following.position, f"{following.kind} cannot follow a list; write it in the list's entries"
                )
            return TermList(token.text, token.position)
        parts = [self._string()]
        prefix = self._star()
        while (plus := self._peek()) and plus.kind == "+":
            if prefix:
                raise QueryError(plus.position, "only the last word of a phrase can end in *")
            self._at += 1
            following = self._peek()
            if following is not None and following.kind == "list":
                raise QueryError(following.position, "a list cannot be part of a phrase; use NEAR")
            parts.append(self._string())
            prefix = self._star()
        return Phrase(tuple(part.text for part in parts), prefix, position=parts[0].position)

    def _string(self) -> Token:
        token = self._peek()
        if token is None:
            raise QueryError(len(self._query), "the query ends where a word should follow")
        if token.kind not in ("word", "string"):
            raise QueryError(token.position, unexpected_token(token.kind, token.text))
        self._at += 1
        return token

    def _star(self) -> bool:
        token = self._peek()
        if token is None or token.kind != "*":
            return False
        self._at += 1
        following = self._peek()
        if following is not None and following.kind == "word" and following.position == token.end:
            raise QueryError(token.position, unexpected_token(token.kind, token.text))
        return True

    def _expect_operand(self, operator: Token) -> None:
        token = self._peek()
        if token is None or token.kind == ")" or token.kind in OPERATORS:
            hint = "; write A NOT B" if operator.kind == "AND" and token is not None and token.kind == "NOT" else ""
            raise QueryError(operator.position, f"{operator.kind} needs an operand after it{hint}")

    def _peek(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _next(self) -> Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _position(self) -> int:
        token = self._peek()
        return token.position if token else len(self._query)

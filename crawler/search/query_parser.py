"""Parse an FTS5 query by SQLite's grammar; errors have a position, a reason and a suggestion. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

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

_BEGINS_PHRASE = ("word", "string", "list", "NEAR", "^", "{", "-")


def parse_query(query: str) -> QueryNode:
    """Return the syntax tree of the query. Raises QueryError."""
    found = tokenize_query(query)
    if not found:
        raise QueryError(0, "there are no words to search for")
    parser = _Parser(query, [*found, Token("end", "", len(query), len(query))])
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

    @property
    def _token(self) -> Token:
        """The token at the current place; one of the kind "end" behind the last."""
        return self._tokens[self._at]

    def _next(self) -> Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _accept(self, kind: str) -> bool:
        """Skip a token of this kind; return whether there was one."""
        is_there = self._token.kind == kind
        self._at += is_there
        return is_there

    def _unexpected(self) -> QueryError:
        token = self._token
        if token.kind == "end":
            return QueryError(token.position, "the query ends where a word should follow")
        return QueryError(token.position, unexpected_token(token.kind, token.text))

    def expression(self) -> QueryNode:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise QueryError(self._token.position, f"more than {MOST_DEPTH} levels of nested brackets")
        node = self._operation("OR", lambda: self._operation("AND", self._not))
        self._depth -= 1
        return node

    def expect_end(self) -> None:
        if self._token.kind == ")":
            raise QueryError(self._token.position, "this ) has no opening (; add one, or remove the )")
        if self._token.kind != "end":
            raise self._unexpected()

    def _operation(self, operator: str, operand: Callable[[], QueryNode]) -> QueryNode:
        children = [operand()]
        while self._token.kind == operator:
            self._expect_operand(self._next())
            children.append(operand())
        return children[0] if len(children) == 1 else Operation(operator, tuple(children))

    def _not(self) -> QueryNode:
        node = self._unit()
        while self._token.kind == "NOT":
            self._expect_operand(self._next())
            node = Operation("NOT", (node, self._unit()))
        return node

    def _unit(self) -> QueryNode:
        """Parse a bracket, or adjacent phrases, which must all match."""
        if self._token.kind == "end":
            raise self._unexpected()
        if self._token.kind == "(":
            node = self._bracket()
            self._no_neighbour()
            return node
        children = [self._filtered()]
        if isinstance(children[0], Columns) and isinstance(children[0].child, Operation):
            self._no_neighbour()
            return children[0]
        while self._token.kind in _BEGINS_PHRASE:
            children.append(self._filtered())
        if self._token.kind == "(":
            raise self._unexpected()
        return children[0] if len(children) == 1 else Operation("AND", tuple(children))

    def _no_neighbour(self) -> None:
        if self._token.kind in (*_BEGINS_PHRASE, "("):
            what = "an operator is missing after the bracket: write AND or OR"
            raise QueryError(self._token.position, what)

    def _bracket(self) -> QueryNode:
        opening = self._next()
        if self._token.kind == ")":
            raise QueryError(opening.position, "there is nothing between these brackets")
        node = self.expression()
        self._close(opening)
        return node

    def _close(self, opening: Token) -> None:
        if self._token.kind == "end":
            raise QueryError(opening.position, "this ( is not closed; add a ) at the end of the group")
        if not self._accept(")"):
            raise self._unexpected()

    def _filtered(self) -> QueryNode:
        """Parse an expression with an optional column filter such as `title :`."""
        names = self._column_filter()
        if names is None:
            return self._near_or_phrase()
        if self._token.kind == "end":
            raise self._unexpected()
        child = self._bracket() if self._token.kind == "(" else self._near_or_phrase()
        return Columns(names[0], names[1], child)

    def _column_filter(self) -> tuple[tuple[str, ...], bool] | None:
        minus = self._token
        negated = self._accept("-")
        if self._accept("{"):
            names = []
            while self._token.kind in ("word", "string"):
                names.append(self._column(self._next()))
            if not names or not self._accept("}"):
                raise QueryError(self._token.position, "after { write a list of columns: {title lead} :")
            self._colon()
            return tuple(dict.fromkeys(names)), negated
        if self._token.kind in ("word", "string") and self._tokens[self._at + 1].kind == ":":
            name = self._column(self._next())
            self._colon()
            return (name,), negated
        if negated:
            raise QueryError(minus.position, misplaced_minus(self._query, minus.position))
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
        if not self._accept(":"):
            raise QueryError(self._token.position, "write a : after the columns")

    def _near_or_phrase(self) -> QueryNode:
        if self._token.kind == "NEAR":
            return self._near()
        initial = self._accept("^")
        item = self._phrase_or_list()
        if initial and isinstance(item, TermList):
            raise QueryError(item.position, "^ is allowed before a phrase, not before a list")
        return replace(item, initial=True) if initial and isinstance(item, Phrase) else item

    def _near(self) -> Near:
        name = self._next()
        opening = self._next()
        items: list[Phrase | TermList] = []
        while self._token.kind in ("word", "string", "list"):
            items.append(self._phrase_or_list())
        distance = self._distance() if self._accept(",") else NEAR_DISTANCE
        token = self._token
        if token.kind in OPERATORS:
            raise QueryError(
                token.position,
                f"NEAR takes phrases, not {token.kind}; write alternatives as a list of [terms], such as $troops",
            )
        if token.kind == "(":
            raise QueryError(
                token.position, "NEAR takes phrases, not brackets; write alternatives as a list of [terms]"
            )
        if not items:
            raise QueryError(name.position, "NEAR needs at least one phrase: NEAR(troops sent, 10)")
        self._close(opening)
        return Near(tuple(items), distance, name.position)

    def _distance(self) -> int:
        number = self._token
        if number.kind != "word" or not number.text.isascii() or not number.text.isdigit():
            what = "write a number of words after the only comma: NEAR(troops sent, 10)"
            raise QueryError(number.position, what)
        self._at += 1
        if int(number.text) > MOST_DISTANCE:
            raise QueryError(number.position, f"the number of words is at most {MOST_DISTANCE:,}")
        return int(number.text)

    def _phrase_or_list(self) -> Phrase | TermList:
        if self._token.kind == "list":
            token = self._next()
            if self._token.kind in ("*", "+"):
                raise QueryError(
                    self._token.position, f"{self._token.kind} cannot follow a list; write it in the list's entries"
                )
            return TermList(token.text, token.position)
        parts = [self._string()]
        prefix = self._star()
        while self._token.kind == "+":
            if prefix:
                raise QueryError(self._token.position, "only the last word of a phrase can end in *")
            self._at += 1
            if self._token.kind == "list":
                raise QueryError(self._token.position, "a list cannot be part of a phrase; use NEAR")
            parts.append(self._string())
            prefix = self._star()
        return Phrase(tuple(part.text for part in parts), prefix, position=parts[0].position)

    def _string(self) -> Token:
        if self._token.kind not in ("word", "string"):
            raise self._unexpected()
        return self._next()

    def _star(self) -> bool:
        star = self._token
        if not self._accept("*"):
            return False
        if self._token.kind == "word" and self._token.position == star.end:
            raise QueryError(star.position, unexpected_token(star.kind, star.text))
        return True

    def _expect_operand(self, operator: Token) -> None:
        token = self._token
        if token.kind in ("end", ")", *OPERATORS):
            hint = "; write A NOT B" if operator.kind == "AND" and token.kind == "NOT" else ""
            raise QueryError(operator.position, f"{operator.kind} needs an operand after it{hint}")

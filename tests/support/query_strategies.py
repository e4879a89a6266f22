"""Hypothesis strategies for queries and texts; both use a few words, so that queries often match."""

from __future__ import annotations

from hypothesis import strategies as st

WORDS = "troops sent deployed kursk brigade quiet harbour drone deploy".split()

_leaf = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(
        [
            "deploy*",
            '"troops sent"',
            '"drone brig"*',
            "^troops",
            "title : kursk",
            "- text : quiet",
            "{title lead} : sent*",
        ]
    ),
    st.lists(st.sampled_from(WORDS), min_size=2, max_size=3).map(lambda w: f"NEAR({' '.join(w)}, 2)"),
    st.lists(st.sampled_from(WORDS), min_size=2, max_size=3).map(" ".join),
    st.lists(st.sampled_from(WORDS), min_size=2, max_size=2).map(" + ".join),
)
queries = st.recursive(
    _leaf,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["AND", "OR", "NOT"]), inner).map(" ".join),
        inner.map(lambda q: f"({q})"),
        inner.map(lambda q: f"title : ({q})"),
    ),
    max_leaves=6,
)
texts = st.lists(st.sampled_from([*WORDS, ".", "the"]), max_size=10).map(" ".join)
rows = st.lists(st.tuples(texts, texts, texts, texts), min_size=1, max_size=6)

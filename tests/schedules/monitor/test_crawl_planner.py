"""The crawl planner: which sources are crawled together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from schedules.monitor.crawl_jobs import HEAVY, Due, pause_after, plan


def due(name: str, *domains: str, load: int = 0, render: bool = False) -> Due:
    return Due(id=name, domains=frozenset(domains or (f"{name}.example",)), load=load, render=render)


def test_quick_sources_share_one_crawl() -> None:
    assert plan([due("a"), due("b"), due("c")], taken=(), slots=3, most=3) == [("a", "b", "c")]


def test_a_source_with_many_pages_to_fetch_has_a_crawl_of_its_own() -> None:
    crawls = plan([due("a"), due("new", load=HEAVY + 1), due("b")], taken=(), slots=3, most=3)
    assert crawls == [("a", "b"), ("new",)]


def test_the_last_slot_is_reserved_for_quick_sources() -> None:
    many = [due(f"new{number}", load=HEAVY + 1) for number in range(5)]
    assert len(plan(many, taken=(), slots=3, most=3)) == 2
    assert len(plan(many, taken=(), slots=1, most=1)) == 1


def test_sources_that_share_domains_directly_or_indirectly_are_crawled_together() -> None:
    chain = [due("a", "one.example"), due("b", "two.example"), due("c", "one.example", "two.example", load=HEAVY + 1)]
    assert [sorted(crawl) for crawl in plan(chain, taken=(), slots=3, most=3)] == [["a", "b", "c"]]


def test_a_source_waits_while_another_crawl_uses_its_domain() -> None:
    assert plan([due("a", "one.example"), due("b")], taken={"one.example"}, slots=3, most=3) == [("b",)]


def test_rendered_sources_have_a_crawl_of_their_own() -> None:
    crawls = plan([due("a"), due("scripts", render=True)], taken=(), slots=3, most=3)
    assert crawls == [("a",), ("scripts",)]


@given(
    st.lists(
        st.builds(
            Due,
            id=st.uuids().map(str),
            domains=st.frozensets(st.sampled_from("abcdefgh"), min_size=1, max_size=3),
            load=st.integers(0, 40),
            render=st.booleans(),
        ),
        max_size=12,
        unique_by=lambda one: one.id,
    ),
    st.sets(st.sampled_from("abcdefgh"), max_size=3),
    st.integers(0, 4),
)
def test_crawls_share_no_domain_with_each_other_or_with_running_crawls(
    sources: list[Due], taken: set[str], slots: int
) -> None:
    domains = {one.id: one.domains for one in sources}
    used = set(taken)
    crawls = plan(sources, taken=taken, slots=slots, most=4)
    assert len(crawls) <= slots
    for crawl in crawls:
        own = set().union(*(domains[id_] for id_ in crawl))
        assert not own & used
        used |= own


def test_the_pause_after_failed_crawls_grows_up_to_a_limit() -> None:
    assert pause_after(0, 0, tick=5) == 5
    assert [pause_after(3, failures, tick=5) for failures in (1, 3, 50)] == [40, 160, 900]

"""The Scrapy components of a crawl."""

from __future__ import annotations

import pytest
from scrapy.settings import Settings


@pytest.fixture
def settings() -> Settings:
    found = Settings()
    found.setmodule("crawler.settings", priority="project")
    return found


@pytest.mark.parametrize("component", ["RemoteControl", "TelnetConsole"])
def test_a_crawl_opens_no_server_that_executes_code(settings: Settings, component: str) -> None:
    extensions = settings.get_component_priority_dict_with_base("EXTENSIONS")
    assert not [name for name in extensions if component in name]


@pytest.mark.parametrize("own", ["RobotsTxtMiddleware", "HttpCompressionMiddleware", "CookiesMiddleware"])
def test_a_middleware_of_ours_replaces_that_of_scrapy(settings: Settings, own: str) -> None:
    middlewares = settings.get_component_priority_dict_with_base("DOWNLOADER_MIDDLEWARES")
    (name,) = [name for name in middlewares if name.endswith(own)]
    assert name.startswith("crawler.middlewares.")


def test_all_other_middlewares_of_scrapy_stay(settings: Settings) -> None:
    middlewares = settings.get_component_priority_dict_with_base("DOWNLOADER_MIDDLEWARES")
    names = {name.rpartition(".")[2] for name in middlewares}
    assert {"OffsiteMiddleware", "RetryMiddleware", "RedirectMiddleware", "HttpProxyMiddleware"} <= names

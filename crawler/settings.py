"""Scrapy settings that differ from Scrapy's defaults, each with the default and the reason.

Wirewatch's own settings are in `crawler/config/app.py`; set them here, with `-s NAME=value`, or in the environment.
"""

from __future__ import annotations

from collections.abc import Mapping

from scrapy.settings import default_settings

from crawler.config.app import user_agent


def _without(components: Mapping[str, int], *names: str) -> dict[str, int]:
    return {name: order for name, order in components.items() if name not in names}


BOT_NAME = "wirewatch"
SPIDER_MODULES = ["spiders"]
COMMANDS_MODULE = "schedules.commands"
SPIDER_LOADER_CLASS = "spiders.loader.SourceSpiderLoader"  # creates a spider for every table of sources.toml

# --- Identification -----------------------------------------------------------------------------------------------
USER_AGENT = user_agent()  # Scrapy: its own name. Ours, with the contact in WIREWATCH_CONTACT
ROBOTSTXT_OBEY = False  # Scrapy: False. RobotsTxtMiddleware in crawler/middlewares/ replaces Scrapy's

# --- Switched off -------------------------------------------------------------------------------------------------
# Scrapy imports a component also to find that it is disabled: RemoteControl takes 0.2 s of CPU, the cookies 0.1 s. So those
# that a crawl never uses are taken out of Scrapy's lists; None would import them, too.
EXTENSIONS_BASE = _without(
    default_settings.EXTENSIONS_BASE,
    "scrapy.extensions.remote_control.RemoteControl",  # a local server that executes code
    "scrapy.extensions.telnet.TelnetConsole",  # the same
    "scrapy.extensions.feedexport.FeedExporter",  # see `scrapy archive export`
    "scrapy.extensions.memusage.MemoryUsage",  # the child processes use the memory, and it does not measure them
    "scrapy.extensions.memdebug.MemoryDebugger",
    "scrapy.extensions.logstats.LogStats",
    "scrapy.extensions.spiderstate.SpiderState",  # the archive holds the state
    "scrapy.extensions.throttle.AutoThrottle",
)
DOWNLOADER_MIDDLEWARES_BASE = _without(
    default_settings.DOWNLOADER_MIDDLEWARES_BASE,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware",  # RobotsTxtMiddleware in crawler/middlewares/ replaces it
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware",  # PageRedirectMiddleware follows scripts, too
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware",  # it accepts truncated streams
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware",  # it downloads a list of suffixes
    "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware",
)
COOKIES_ENABLED = False  # Scrapy: True. Sessions change pages; a crawl enables cookies for sources with cookies = true
HTTPPROXY_ENABLED = True  # Scrapy: True. Users may need an egress proxy
DOWNLOAD_HANDLERS = {  # Scrapy: these and data:, s3:
    "file": None,
    "ftp": None,
    "data": None,
    "s3": None,
}

# --- Politeness ---------------------------------------------------------------------------------------------------
CONCURRENT_REQUESTS = 16  # Scrapy: 16. For all sources together
CONCURRENT_REQUESTS_PER_DOMAIN = 1  # Scrapy: 8. One request at a time for each registered domain
DOWNLOAD_DELAY = 1.0  # s; Scrapy: 0. Overridden by `delay` of a source and Crawl-delay of robots.txt
DOWNLOAD_DELAY_JITTER = 0  # Scrapy: 0.5, which halves some delays; a Crawl-delay is a minimum
RETRY_TIMES = 1  # Scrapy: 2. Failed requests stay in the queue for the next crawl
# Scrapy: also 429 and 503, within half a second; RetryAfterMiddleware handles those
RETRY_HTTP_CODES = [500, 502, 504, 522, 524, 408]
HTTPERROR_ALLOW_ALL = True  # Scrapy: False. The spider records the page and the reason of a 403 or 404
RETRY_GIVE_UP_LOG_LEVEL = "DEBUG"  # Scrapy: ERROR. The summary and the table `fetches` show it
REDIRECT_MAX_TIMES = 5  # Scrapy: 20. RFC 9309 gives 5 for robots.txt; no outlet needs more

DOWNLOADER_MIDDLEWARES = {  # in addition to Scrapy's own
    "crawler.middlewares.retry_after.RetryAfterMiddleware": 90,  # first: a domain that asks to wait gets no robots.txt request
    "crawler.middlewares.robotstxt.RobotsTxtMiddleware": 100,
    "crawler.middlewares.compression.StrictHttpCompressionMiddleware": 590,
    "crawler.middlewares.page_redirects.PageRedirectMiddleware": 585,  # needs the decompressed page
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": 580,  # Scrapy: 600. Follows what the one before found
    "crawler.middlewares.cookies.SourceCookiesMiddleware": 700,
    "crawler.middlewares.private_networks.PrivateNetworkMiddleware": 900,  # last before the network
}

DEPTH_LIMIT = 3  # Scrapy: 0, no limit. For child sitemaps and next pages of a listing
SPIDER_MIDDLEWARES = {
    "crawler.middlewares.error_accounting.ErrorAccounting": 10,  # an exception in a spider is an error of the run
    # The spider applies DEPTH_LIMIT to documents; Scrapy's middleware would drop the articles linked from the last one.
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
}
CLOSESPIDER_TIMEOUT = 1800  # s; Scrapy: 0, no limit. The rest stays in the queue

# --- Safety -------------------------------------------------------------------------------------------------------
DOWNLOAD_VERIFY_CERTIFICATES = True  # Scrapy: False. The archive must hold what the outlet itself sent
DOWNLOAD_TIMEOUT = 30  # s; Scrapy: 180
DOWNLOAD_MAXSIZE = 8 * 1024 * 1024  # bytes; Scrapy: 1 GiB. The largest real page seen has 4 MB
DOWNLOAD_WARNSIZE = 0  # Scrapy: 32 MiB
DOWNLOAD_FAIL_ON_DATALOSS = False  # Scrapy: True. StrictHttpCompressionMiddleware decides whether the body is complete
TWISTED_DNS_RESOLVER = "crawler.http.private_networks.PublicOnlyResolver"  # Scrapy: accepts private addresses
DNS_TIMEOUT = 20  # s; Scrapy: 60
URLLENGTH_LIMIT = 32_768  # Scrapy: 2083, which drops long non-Latin URLs silently once they are percent-encoded

# --- Pipeline and queues ------------------------------------------------------------------------------------------
ITEM_PIPELINES = {"pipelines.archive_pipeline.ArchivePipeline": 100}
CONCURRENT_ITEMS = 2  # Scrapy: 100, and it starts that many tasks for each response; a page is one item
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 12_000_000  # bytes; Scrapy: 5,000,000, too little to keep two child processes busy
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"  # Scrapy: LIFO. Feeds list the newest entry first
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"  # Scrapy: by URL. The queue in the archive prevents duplicates

# --- Logs ---------------------------------------------------------------------------------------------------------
LOG_LEVEL = "WARNING"  # Scrapy: DEBUG. A summary is printed at the end; `-L INFO` logs a line for each page
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
STATS_DUMP = False  # Scrapy: True

TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"

"""Scrapy's settings, each that differs from Scrapy's default with that default and the reason.

Wirewatch's own settings stand in `crawler/config/app.py`; they can be set here, by `-s NAME=value`, or in the environment.
"""

from __future__ import annotations

from crawler.config.app import user_agent

BOT_NAME = "wirewatch"
SPIDER_MODULES = ["spiders"]
COMMANDS_MODULE = "schedules.commands"
SPIDER_LOADER_CLASS = "spiders.loader.SourceSpiderLoader"  # a spider for every table of sources.toml

# --- Who we are ---------------------------------------------------------------------------------------------------
USER_AGENT = user_agent()  # Scrapy: its own name. A truthful one with a contact, from WIREWATCH_CONTACT
ROBOTSTXT_OBEY = False  # Scrapy: False. Ours obeys robots.txt as RFC 9309 asks (crawler/middlewares.py); theirs is off

# --- What is never wanted -----------------------------------------------------------------------------------------
REMOTE_CONTROL_ENABLED = False  # Scrapy: True. A local server that runs code
TELNETCONSOLE_ENABLED = False  # Scrapy: True. Likewise
METAREFRESH_ENABLED = False  # Scrapy: True. A page that sends readers elsewhere is stored as what it is
COOKIES_ENABLED = False  # Scrapy: True. News needs none; consent walls set them, sessions change pages
HTTPPROXY_ENABLED = True  # Scrapy: True. An analyst's egress proxy is obeyed
DOWNLOAD_HANDLERS = {  # Scrapy: these and data:, s3:
    "file": None,
    "ftp": None,
    "data": None,
    "s3": None,
}
FEED_EXPORT_ENCODING = "utf-8"  # Scrapy: ASCII-escaped JSON

# --- Politeness ---------------------------------------------------------------------------------------------------
CONCURRENT_REQUESTS = 16  # Scrapy: 16. Across all outlets
CONCURRENT_REQUESTS_PER_DOMAIN = 1  # Scrapy: 8. One registered domain, one owner, one request at a time
DOWNLOAD_DELAY = 1.0  # s; Scrapy: 0. A source's `delay` and robots.txt's Crawl-delay say otherwise
DOWNLOAD_DELAY_JITTER = 0  # Scrapy: 0.5, as little as half the delay; who asks for a Crawl-delay means all of it
RETRY_TIMES = 1  # Scrapy: 2. What fails stays in the queue for the next run
RETRY_HTTP_CODES = [
    500,
    502,
    504,
    522,
    524,
    408,
]  # Scrapy: also 429 and 503, within half a second (middlewares.py has those)
HTTPERROR_ALLOW_ALL = True  # Scrapy: False. A 403 or a 404 is a page too: kept as evidence, its reason told
RETRY_GIVE_UP_LOG_LEVEL = "DEBUG"  # Scrapy: ERROR. The summary and the fetches table say it
REDIRECT_MAX_TIMES = 5  # Scrapy: 20. RFC 9309's number for robots.txt; no outlet needs more

DOWNLOADER_MIDDLEWARES = {  # beside Scrapy's own
    "crawler.middlewares.Politeness": 100,  # robots.txt, Retry-After, a slot for each registered domain
    "crawler.middlewares.StrictHttpCompressionMiddleware": 590,  # replaces Scrapy's, which accepts truncated streams
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "crawler.middlewares.PrivateNetworkMiddleware": 900,  # next to the network: why the resolver refused, whose host is private
}

DEPTH_LIMIT = 3  # Scrapy: 0, no limit. Documents followed from a seed: child sitemaps, next pages of a listing
SPIDER_MIDDLEWARES = {
    # The spider applies DEPTH_LIMIT to documents; Scrapy's middleware would drop the articles linked from the last one.
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
}
CLOSESPIDER_TIMEOUT = 1800  # s; Scrapy: 0, no limit. What is left stays in the queue

# --- Safety -------------------------------------------------------------------------------------------------------
DOWNLOAD_VERIFY_CERTIFICATES = True  # Scrapy: False. What a page said must come from that outlet
DOWNLOAD_TIMEOUT = 30  # s; Scrapy: 180
DOWNLOAD_MAXSIZE = (
    8 * 1024 * 1024
)  # bytes; Scrapy: 1 GiB, which took 1.1 GB of memory. The largest real page seen: 4 MB
DOWNLOAD_WARNSIZE = 0  # Scrapy: 32 MiB
DOWNLOAD_FAIL_ON_DATALOSS = True  # Scrapy: True. A body shorter than announced is no page
TWISTED_DNS_RESOLVER = (
    "crawler.http.private_networks.PublicOnlyResolver"  # Scrapy: any address. Ours refuses private ones
)
DNS_TIMEOUT = 20  # s; Scrapy: 60
URLLENGTH_LIMIT = 32_768  # Scrapy: 2083, which drops long non-Latin URLs silently once they are percent-encoded

# --- Stations -----------------------------------------------------------------------------------------------------
ITEM_PIPELINES = {"pipelines.archive_pipeline.ArchivePipeline": 100}
CONCURRENT_ITEMS = 2  # Scrapy: 100, for each of which it starts a task for every response; a page is one item
SCRAPER_SLOT_MAX_ACTIVE_SIZE = (
    12_000_000  # bytes; Scrapy: 5,000,000, which starves two extracting children of 300 KB pages
)
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"  # Scrapy: LIFO. Newest first is how feeds list them
DUPEFILTER_CLASS = (
    "scrapy.dupefilters.BaseDupeFilter"  # Scrapy: by URL. The queue in the archive knows what was asked for
)

# --- Logs ---------------------------------------------------------------------------------------------------------
LOG_LEVEL = "WARNING"  # Scrapy: DEBUG. The summary at the end is for people; `-L INFO` for a line a page
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
STATS_DUMP = False  # Scrapy: True
LOGSTATS_INTERVAL = 0.0  # s; Scrapy: 60
MEMUSAGE_ENABLED = False  # Scrapy: True. Measured: it forks nothing, but polls; the memory is the children's
EXTENSIONS: dict[str, int | None] = {"scrapy.extensions.feedexport.FeedExporter": None}  # the archive is the export

TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"

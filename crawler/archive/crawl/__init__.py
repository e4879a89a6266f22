"""What a crawl reads and writes: seeds, polls, links, the queue, hosts, runs, coverage."""

"""The options of commands that can use a cluster."""

from __future__ import annotations

import argparse
from dataclasses import replace

from crawler.config.app import AppConfig


def add_cluster_options(parser: argparse.ArgumentParser) -> None:
    """Add --cluster, --certificates and --insecure."""
    group = parser.add_argument_group(title="Cluster")
    group.add_argument(
        "--cluster", metavar="ADDRESS",
        help="extract pages on the nodes of a Dask cluster, tls://HOST:PORT; local:N starts N nodes on this machine"
        " (default: WIREWATCH_CLUSTER)",
    )  # fmt: skip
    group.add_argument("--certificates", metavar="DIR", help="folder with ca.pem, cert.pem and key.pem, for tls://")
    group.add_argument("--insecure", action="store_true", help="accept tcp:// beyond this machine")


def with_cluster(config: AppConfig, opts: argparse.Namespace) -> AppConfig:
    """The configuration with what the options say. Raises WirewatchError if the cluster cannot be configured like this."""
    config = replace(
        config,
        cluster=opts.cluster if opts.cluster is not None else config.cluster,
        cluster_certificates=opts.certificates or config.cluster_certificates,
        cluster_insecure=opts.insecure or config.cluster_insecure,
    )
    if config.cluster:
        from schedules.cluster.address import cluster_address
        from schedules.cluster.workers import require_dask

        cluster_address(config)
        require_dask()
    return config


def cluster_settings(config: AppConfig) -> list[str]:
    """The options `-s NAME=value` for a command that the monitor starts."""
    if not config.cluster:
        return []
    values = {
        "WIREWATCH_CLUSTER": config.cluster,
        "WIREWATCH_CLUSTER_CERTIFICATES": config.cluster_certificates,
        "WIREWATCH_CLUSTER_INSECURE": str(int(config.cluster_insecure)),
    }
    return [word for name, value in values.items() if value for word in ("-s", f"{name}={value}")]

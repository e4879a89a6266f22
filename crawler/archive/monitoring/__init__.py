"""Problems of sources and runs of monitor jobs."""

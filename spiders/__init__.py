"""Ways in: from a source to the pages of its articles. Discovers links, fetches pages; knows no article."""

"""One module per page, and the routes that lead to them."""

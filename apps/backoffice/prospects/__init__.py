"""Pages of one prospect's card; the board has a package of its own."""

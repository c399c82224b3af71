"""The pages of one prospect's card; its board is elsewhere."""

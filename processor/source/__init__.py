"""Where records come from: one reader per shard."""

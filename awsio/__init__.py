"""The AWS plumbing every stage shares: clients, retry, batched puts."""

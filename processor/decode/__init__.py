"""Record bytes in, columns out. `reference` says what a record means; the rest is only faster."""

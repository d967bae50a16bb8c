"""What `wildrydes results` makes of the rows that it found: totals, a line of blocks, a picture."""

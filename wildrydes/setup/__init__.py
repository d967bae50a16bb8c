"""What `wildrydes setup` makes, and may delete again."""

"""Which customers of a bank will take a term deposit? The course's first lab on Amazon ML."""

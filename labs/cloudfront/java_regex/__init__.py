"""Java's regular expressions, as Hive's RegexSerDe has them: read, and written for other engines so
that they find the same, or refused.
"""

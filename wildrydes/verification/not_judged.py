"""What verify cannot judge: said by name, never passed over."""


class NotJudged(Exception):
    """str() says what it is that is not judged, such as `STDDEV_POP`."""

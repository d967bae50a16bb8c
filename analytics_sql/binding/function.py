"""What to say of a function that the dialect does not have, or not yet."""

from difflib import get_close_matches

from analytics_sql.binding.aggregate import ANALYTICS
from analytics_sql.functions import SCALARS
from analytics_sql.syntax.source_text import Advice, shown

_SUPPORTED = "docs/sql/functions.md lists the functions"

# The rest of the SQL reference's index.
_NOT_YET_WORDS = """
    CURSOR TABLE
"""
_NOT_YET = frozenset(_NOT_YET_WORDS.split())
_RECORDS = frozenset(
    (
        *("REGEX_LOG_PARSE", "FAST_REGEX_LOG_PARSER", "FAST_REGEX_LOG_PARSE", "W3C_LOG_PARSE"),
        *("VARIABLE_COLUMN_LOG_PARSE", "FIXED_COLUMN_LOG_PARSE", "SYS_LOG_PARSE"),
    )
)
_TABLES = frozenset(
    (
        *("RANDOM_CUT_FOREST", "RANDOM_CUT_FOREST_WITH_EXPLANATION"),
        *("TOP_K_ITEMS_TUMBLING", "COUNT_DISTINCT_ITEMS_TUMBLING", "HOTSPOTS", "GROUP_RANK"),
    )
)

# Names that the functions have in other dialects, none of which is in the reference's index.
_ELSEWHERE = {
    **dict.fromkeys(("LENGTH", "LEN"), "CHAR_LENGTH(text)"),
    **dict.fromkeys(("IFNULL", "NVL", "ISNULL"), "COALESCE(value, otherwise)"),
    **dict.fromkeys(("NOW", "GETDATE", "SYSDATE"), "CURRENT_ROW_TIMESTAMP, or ROWTIME"),
    **dict.fromkeys(("DATEDIFF", "TIMESTAMPDIFF"), "TSDIFF(a, b), in milliseconds"),
    **dict.fromkeys(("DATEADD", "DATE_ADD", "TIMESTAMPADD"), "time + INTERVAL '1' DAY"),
    **dict.fromkeys(("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"), "EXTRACT(... FROM time)"),
    "CONCAT": "text || text",
    "DATE_TRUNC": "FLOOR(time TO HOUR)",
    "IF": "CASE WHEN condition THEN value ELSE value END",
    "LEAD": "LAG: the rows that follow are not there yet",
    "LOG": "LN or LOG10",
    "POW": "POWER(base, exponent)",
    "REPLACE": "REGEX_REPLACE(text, pattern, replacement, 1, 0)",
    "REGEXP_REPLACE": "REGEX_REPLACE(text, pattern, replacement, 1, 0)",
    "ROUND": "CAST(number AS DECIMAL(10, 2)), which rounds",
    "STDDEV": "STDDEV_POP or STDDEV_SAMP",
    "SUBSTR": "SUBSTRING(text, from, length)",
    "TO_CHAR": "TIMESTAMP_TO_CHAR('pattern', time)",
    "TO_DATE": "CHAR_TO_DATE('pattern', text)",
    "VARIANCE": "VAR_POP or VAR_SAMP",
}

_RESULT_COLUMNS = {
    "ANOMALY_SCORE": "RANDOM_CUT_FOREST",
    "ANOMALY_EXPLANATION": "RANDOM_CUT_FOREST_WITH_EXPLANATION",
    "HOTSPOTS_RESULT": "HOTSPOTS",
}


def unusable(name: str) -> Advice:
    """What to say of a function that can stand nowhere."""
    if name in _RECORDS:
        message = f"{name} makes a record, which is an item of a select list and nothing else"
        remedy = "write SELECT STREAM T.R.COLUMN1 FROM (SELECT STREAM "
        return Advice(message, f"{remedy}{name}(...) AS R FROM ...) AS T")
    if name in _TABLES:
        message = f"{name} gives rows, which stand in FROM"
        return Advice(message, f"write FROM TABLE({name}(CURSOR(SELECT STREAM ...), ...))")
    if name in _RESULT_COLUMNS:
        function = _RESULT_COLUMNS[name]
        message = f"{name} is a column of what {function} gives, and no function"
        return Advice(message, f"select it FROM TABLE({function}(CURSOR(SELECT STREAM ...), ...))")
    if name in _NOT_YET:
        return Advice(f"{name} is not supported yet", _SUPPORTED)
    if name in _ELSEWHERE:
        return Advice(f"the service has no function {name}", f"write {_ELSEWHERE[name]}")
    close = get_close_matches(name, [*ANALYTICS, *SCALARS, *_NOT_YET], n=1, cutoff=0.8)
    remedy = f"did you mean {close[0]}?" if close else _SUPPORTED
    return Advice(f"there is no function {shown(name)}", remedy)

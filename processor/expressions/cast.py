"""From one type to another, as CAST says and as an INSERT assigns its select list to columns.

    to an integer or DECIMAL   rounded to the nearest, halves away from zero; out of range fails
    to DOUBLE, REAL            the nearest number of the type; beyond REAL's range fails
    to VARCHAR(n), CHAR(n)     a longer text fails (REF:sql-reference-cast), but for blanks at its
                               end, which are cut; a CHAR is padded with blanks
    to VARBINARY(n), BINARY(n) the same for bytes, with zeros for blanks
    from text                  what the text says, blanks around it aside; else it fails
    between times              TIMESTAMP to DATE and TIME: its day, its time of day; back: midnight
                               of the day, that time on 1970-01-01

NULL stays NULL. Pairs that are not in the table of REF:sql-reference-cast are an error of the plan.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from analytics_sql.types import UNIT_MS, Kind, SqlType
from fleet.errors import ConfigError
from processor.columns import Mask, Vector
from processor.expressions.exact import bounds, cut_quotient, narrowed, rescaled
from processor.expressions.number_text import decimal_text
from processor.expressions.text_cast import from_text, text_to_text, to_text

Cast = Callable[[Vector], Vector]


def cast(source: SqlType, target: SqlType) -> Cast:
    """The conversion of a vector. Raises ConfigError when the types have none."""
    convert = _conversion(source, target)

    def keeping_failures(vector: Vector) -> Vector:
        result = convert(vector)
        if vector.failed and result is not vector:
            return replace(result, failed={**result.failed, **vector.failed})
        return result

    return keeping_failures


def _conversion(source: SqlType, target: SqlType) -> Cast:
    if (source.is_text and target.is_text) or (source.is_bytes and target.is_bytes):
        return text_to_text(source, target)
    if source.is_text and not target.is_bytes:
        return from_text(target)
    if target.is_text and not source.is_bytes:
        return to_text(source, target)
    if source == target:
        return _unchanged
    if source.is_exact and target.is_exact:
        return _exact(source, target)
    if source.is_numeric and target.is_approximate:
        return _approximate(source, target)
    if source.is_approximate and target.is_exact:
        return lambda vector: _rounded(vector, target)
    if source.kind is target.kind:
        return _unchanged
    if source.kind is Kind.INTERVAL and target.is_exact and source.units is not None:
        return _counted(UNIT_MS[source.units[1]], target)
    times = {
        (Kind.TIMESTAMP, Kind.DATE): _day,
        (Kind.TIMESTAMP, Kind.TIME): _time_of_day,
        (Kind.DATE, Kind.TIMESTAMP): _unchanged,
        (Kind.TIME, Kind.TIMESTAMP): _unchanged,
    }
    if (source.kind, target.kind) in times:
        return times[source.kind, target.kind]
    raise ConfigError(
        f"a value of type {source} cannot be assigned to a column of type {target}",
        remedy="give the column the type of the value",
    )


def _unchanged(vector: Vector) -> Vector:
    return vector


def _day(vector: Vector) -> Vector:
    return Vector(vector.values // UNIT_MS["DAY"] * UNIT_MS["DAY"], vector.null)


def _time_of_day(vector: Vector) -> Vector:
    return Vector(vector.values % UNIT_MS["DAY"], vector.null)


def limits_of(type: SqlType) -> tuple[int, int]:
    """Smallest and largest value that an exact type holds, as columns hold it."""
    return type.integer_range if type.is_integer else bounds(type.digits[0])


def _exact(source: SqlType, target: SqlType) -> Cast:
    one, other = source.digits[1], target.digits[1]
    smallest, largest = limits_of(target)
    held = limits_of(source)
    if one == other and smallest <= held[0] and held[1] <= largest:
        return _unchanged

    def convert(vector: Vector) -> Vector:
        values, overflow = narrowed(rescaled(vector.values, one, other), smallest, largest)
        return _checked(vector, values, overflow, source, target)

    return convert


def _approximate(source: SqlType, target: SqlType) -> Cast:
    divisor = 10.0 ** (source.scale or 0)
    is_real = target.kind is Kind.REAL
    if not is_real and source.is_approximate:
        return _unchanged

    def convert(vector: Vector) -> Vector:
        values: NDArray[np.float64] = vector.values.astype(np.float64)
        if divisor != 1.0:
            values = values / divisor
        return as_real(Vector(values, vector.null)) if is_real else Vector(values, vector.null)

    return convert


def as_real(vector: Vector) -> Vector:
    """Each number as the nearest that float32 has."""
    with np.errstate(over="ignore"):
        single = vector.values.astype(np.float32)
    overflow = ~np.isfinite(single)
    values = np.where(overflow, 0.0, single.astype(np.float64)) + 0.0
    real = SqlType(Kind.REAL)
    return _checked(vector, values, overflow, SqlType(Kind.DOUBLE), real)


def _rounded(vector: Vector, target: SqlType) -> Vector:
    smallest, largest = limits_of(target)
    values: NDArray[np.float64] = vector.values
    if target.digits[1]:
        with np.errstate(over="ignore"):
            values = values * 10.0 ** target.digits[1]
    whole = np.trunc(values)
    with np.errstate(invalid="ignore"):
        # The fraction is exact: 0.49999999999999994 stays below a half, adding 0.5 would lift it.
        whole += np.where(np.abs(values - whole) >= 0.5, np.sign(values), 0.0)
    # 2**63 - 1 is no DOUBLE, the power of two above it is.
    overflow = (whole < float(smallest)) | ~(whole < float(largest + 1))
    exact = np.where(overflow, 0.0, whole).astype(np.int64)
    return _checked(vector, exact, overflow, SqlType(Kind.DOUBLE), target)


def _counted(unit_ms: int, target: SqlType) -> Cast:
    """How many units an interval has; what is left over is cut, unless the target has decimals."""
    scale = target.digits[1]

    def convert(vector: Vector) -> Vector:
        units = cut_quotient(rescaled(vector.values, 0, scale), np.array([unit_ms]))
        values, overflow = narrowed(units, *limits_of(target))
        return _checked(vector, values, overflow, SqlType(Kind.BIGINT), target)

    return convert


def _checked(
    vector: Vector, values: NDArray[np.generic], overflow: Mask, source: SqlType, target: SqlType
) -> Vector:
    """The values, with a failure where they overflow and there is something to overflow."""
    if not overflow.any():
        return Vector(values, vector.null)
    if vector.null is not None:
        overflow = overflow & ~vector.null
    rows: list[int] = np.flatnonzero(overflow).tolist()
    scale = source.scale or 0
    failed = {row: f"{_plain(vector.values[row], scale)} does not fit {target}" for row in rows}
    return Vector(values, vector.null, failed=failed)


def _plain(value: np.generic, scale: int) -> str:
    return decimal_text(value.item(), scale) if scale else str(value.item())

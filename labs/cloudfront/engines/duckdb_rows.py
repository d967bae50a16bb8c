"""The lines of a table's files as rows, in DuckDB's SQL.

`labs.cloudfront.java_regex.pattern` says why a line may be cut into fields. A field's expression
runs once for each of its distinct values, which a log of requests has few of: RE2 takes a user
agent apart in microseconds, and there are millions of lines.
"""

from collections.abc import Collection, Sequence
from pathlib import Path

from labs.cloudfront.engines.column_types import form, is_text, length_max, type_name
from labs.cloudfront.hive.table import Column, RegexTable
from labs.cloudfront.java_regex.pattern import Field, Fields, Guard, prefix, whole

# As many bytes as DuckDB takes for one, and none that a log of text has.
NO_DELIMITER = "\x1f\x1e\x1f\x1e"

HEADER, UNMATCHED, MATCHED = "header", "unmatched", "matched"


def quoted(text: str) -> str:
    """As a literal. RE2 gets the text as it is: DuckDB's literals have no escapes but ''."""
    return "'" + text.replace("'", "''") + "'"


class TableRows:
    """Statements for one table. `distinct` fills what `rows` then joins: a table for each field
    with an expression of its own.
    """

    def __init__(self, table: RegexTable, files: Sequence[Path]) -> None:
        self._table = table
        self._files = files
        self._pattern = table.pattern

    @property
    def function(self) -> str:
        """Takes a line and gives its groups, NULL when it does not match: for what RE2 lacks."""
        return f"{self._table.name.lower()}_groups"

    @property
    def distinct(self) -> dict[int, str]:
        """Field -> the statement that makes its table."""
        return {
            index: f"""
                CREATE TABLE {self._field_table(index)} AS
                SELECT value, {_extract("value", whole(field.node, "re2"), field.groups)} AS parts
                FROM (SELECT DISTINCT cut[{index}] AS value FROM ({self._cut(self._files)})
                      WHERE by_field)
                WHERE regexp_full_match(value, {quoted(whole(field.node, "re2"))})"""
            for index, field in self._expressions
        }

    def rows(self, needed: Collection[str], files: Sequence[Path] | None = None) -> str:
        """One row a line: `kind`, `faults` (a bit for each column whose text is not of its type),
        `file`, and the columns named in `needed`. With `files`, only those of these files, with
        `number` in the order of the lines over all of them, and `line`.
        """
        columns = list(enumerate(self._table.columns))
        texts = ", ".join(f"{self._text(i + 1)} AS t{i}" for i, _ in columns)
        typed = ", ".join(f"{_typed(f't{i}', column)} AS c{i}" for i, column in columns)
        faults = [
            f"CASE WHEN t{i} IS NOT NULL AND c{i} IS NULL THEN {1 << i}::HUGEINT ELSE 0 END"
            for i, column in columns
            if form(column.type) is not None
        ]
        wanted = [
            f"c{i} AS {identifier(column.name)}"
            for i, column in columns
            if column.name.lower() in needed
        ]
        if files is not None:
            wanted += ["number", "line"]
        parts = "".join(f", f{index}.parts AS parts_{index}" for index, _ in self._expressions)
        joins = "".join(
            f" LEFT JOIN {self._field_table(index)} f{index}"
            f" ON by_field AND cut[{index}] = f{index}.value"
            for index, _ in self._expressions
        )
        return f"""
            WITH lines AS ({self._cut(files or self._files, numbered=files is not None)}),
            joined AS (SELECT lines.*{parts} FROM lines{joins}),
            matching AS (SELECT *, {self._matched()} AS is_matched FROM joined),
            texts AS (SELECT *, {texts} FROM matching),
            typed AS (SELECT *, {typed} FROM texts)
            SELECT CASE WHEN is_matched THEN '{MATCHED}'
                        WHEN starts_with(line, '#') THEN '{HEADER}' ELSE '{UNMATCHED}' END AS kind,
                   {" + ".join(faults) or "0"} AS faults, file{"".join(f", {w}" for w in wanted)}
            FROM typed"""

    def _cut(self, files: Sequence[Path], *, numbered: bool = False) -> str:
        """Lines, with their fields and whether these count, or with the whole line's groups."""
        number = ", row_number() OVER () AS number" if numbered else ""
        lines = f"""
            SELECT filename AS file, coalesce(line, '') AS line{number} FROM read_csv(
                [{", ".join(quoted(str(path)) for path in files)}],
                columns = {{'line': 'VARCHAR'}}, delim = '{NO_DELIMITER}', quote = '', escape = '',
                header = false, auto_detect = false, strict_mode = false, filename = true)"""
        if self._pattern.re2_lacks is not None:
            return f"SELECT *, {identifier(self.function)}(line) AS parts_of_line FROM ({lines})"
        body = whole(self._pattern.body, "re2")
        allowed = " AND ".join(_allowed(guard) for guard in self._pattern.guards) or "true"
        by_field, cut = "false", "NULL::VARCHAR[]"
        if (fields := self._pattern.fields) is not None:
            cut = f"CASE WHEN {_no_others(fields)} THEN string_split(line, chr(9)) END"
            by_field = f"allowed AND coalesce(len(cut), 0) = {len(fields.fields)}"
        groups = range(1, self._pattern.group_count + 1)
        return f"""
            SELECT *, CASE WHEN allowed AND NOT by_field AND regexp_full_match(line, {quoted(body)})
                      THEN {_extract("line", body, groups)} END AS parts_of_line
            FROM (SELECT *, {by_field} AS by_field
                  FROM (SELECT *, {allowed} AS allowed, {cut} AS cut FROM ({lines})))"""

    def _matched(self) -> str:
        fields = self._pattern.fields
        if fields is None:
            return "parts_of_line IS NOT NULL"
        conditions = [
            f"cut[{index}] <> ''" if field.is_text else f"parts_{index} IS NOT NULL"
            for index, field in enumerate(fields.fields, 1)
            if not (field.is_text and field.may_be_empty)
        ]
        by_field = " AND ".join(conditions) or "true"
        return f"CASE WHEN by_field THEN {by_field} ELSE parts_of_line IS NOT NULL END"

    def _text(self, group: int) -> str:
        """Of a group, NULL when the line does not match."""
        if self._pattern.re2_lacks is not None:
            return f"parts_of_line[{group}]"
        of_line = f"parts_of_line.g{group}" if self._pattern.group_count else "NULL"
        if self._pattern.fields is None:
            return of_line
        of_field = next(
            f"cut[{index}]" if field.is_text else f"parts_{index}.g{group}"
            for index, field in enumerate(self._pattern.fields.fields, 1)
            if group in field.groups
        )
        return (
            f"CASE WHEN NOT is_matched THEN NULL WHEN by_field THEN {of_field} ELSE {of_line} END"
        )

    @property
    def _expressions(self) -> list[tuple[int, Field]]:
        """The fields with an expression of their own, by their number from 1."""
        fields = self._pattern.fields.fields if self._pattern.fields else ()
        return [(index, field) for index, field in enumerate(fields, 1) if not field.is_text]

    def _field_table(self, index: int) -> str:
        return identifier(f"{self._table.name.lower()}_field_{index}")


def identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _extract(text: str, pattern: str, groups: Collection[int]) -> str:
    names = ", ".join(f"'g{group}'" for group in groups)
    return f"regexp_extract({text}, {quoted(pattern)}, [{names}])" if names else "{'g': ''}"


def _allowed(guard: Guard) -> str:
    literal = guard.literal
    if literal is not None:
        test = f"starts_with(line, {quoted(literal)})"
    else:
        test = f"regexp_matches(line, {quoted(prefix(guard.node, 're2'))})"
    return f"NOT {test}" if guard.negative else test


def _no_others(fields: Fields) -> str:
    return " AND ".join(f"NOT contains(line, chr({ord(char)}))" for char in fields.others) or "true"


def _typed(text: str, column: Column) -> str:
    kind = column.type
    if kind.this.value == "BOOLEAN":
        return f"lower({text}) = 'true'"
    if is_text(kind):
        longest = length_max(kind)
        return text if longest is None else f"left({text}, {longest})"
    cast = f"TRY_CAST({text} AS {type_name(kind, 'duckdb')})"
    shape = form(kind)
    if shape is None:
        return cast
    return f"CASE WHEN regexp_full_match({text}, {quoted(shape)}) THEN {cast} END"

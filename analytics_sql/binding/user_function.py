"""CREATE FUNCTION: functions that an application defines for itself.

A call is replaced by the function's body, with the arguments in the place of the parameters, before
anything else is bound; so no one after this knows of them. Arguments and result are converted to
the types declared, as CAST does it. Source: REF:sql-reference-create-function.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot import exp

from analytics_sql.binding.aggregate import ANALYTICS
from analytics_sql.binding.names import fold, fold_new, listed, no_such, written
from analytics_sql.binding.row_expression import RowBinder
from analytics_sql.binding.scope import Relation, Scope
from analytics_sql.column_type import SUPPORTED, NotAColumnType, column_type
from analytics_sql.functions import SCALARS
from analytics_sql.plan import Column
from analytics_sql.syntax.nodes import CreateFunction, Refused, TypedCast, TypeName, place, span_of
from analytics_sql.syntax.source_text import Faults

NODES_MAX = 20_000
"""Of all bodies put in the place of calls: functions that call each other twice double each time.
"""

_TOO_MANY = (
    "the functions called here come to too large an expression",
    "let a pump compute a part of it into a stream, and read that",
)


@dataclass(frozen=True, slots=True)
class UserFunction:
    """A function whose body calls no other user function any more."""

    parameters: tuple[tuple[str, TypeName], ...]
    body: exp.Expr
    size: int
    """Nodes of the body."""


class UserFunctions:
    """The functions of one application; each can call those that are created before it."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._functions: dict[str, UserFunction | None] = {}
        self._nodes = 0

    def doubt(self, function: exp.Identifier) -> None:
        """Enters a function whose statement could not be read."""
        self._functions[fold(function)] = None

    def create(self, statement: CreateFunction) -> None:
        """Enters a function; its body is checked whether it is called or not."""
        name = fold_new(statement.name, self._faults)
        place_of_name = span_of(statement.name)
        if name in SCALARS or name in ANALYTICS:
            self._faults.add(
                place_of_name, f"there is a function {name} already", "give this one another name"
            )
        elif name in self._functions:
            self._faults.add(
                place_of_name,
                f"the function {written(name)} is created twice",
                "give each function a name of its own",
            )
        else:
            self._functions[name] = self._function(statement)

    def expand(self, node: exp.Expr) -> exp.Expr:
        """An expression or a query without calls of user functions."""
        if not self._functions:
            return node
        calls = [c for c in node.find_all(exp.Anonymous) if c.name.upper() in self._functions]
        # Inner calls first: an argument of a call may be a call.
        for call in reversed(calls):
            body = self._body(call)
            if call is node:
                node = body
            else:
                call.replace(body)
        return node

    def _body(self, call: exp.Anonymous) -> exp.Expr:
        function, arguments = self._functions[call.name.upper()], call.expressions
        if function is None:
            return _placed(Refused(), call)
        if len(arguments) != len(function.parameters):
            self._faults.add(
                span_of(call), f"{call.name.upper()} takes {_parameters(len(function.parameters))}"
            )
            return _placed(Refused(), call)
        sizes = [sum(1 for _ in argument.walk()) for argument in arguments]
        before, self._nodes = self._nodes, self._nodes + function.size * (1 + max(sizes, default=0))
        if self._nodes > NODES_MAX:
            if before <= NODES_MAX:
                self._faults.add(span_of(call), *_TOO_MANY)
            return _placed(Refused(), call)
        given = {
            name: _cast(argument, type_)
            for (name, type_), argument in zip(function.parameters, arguments, strict=True)
        }

        def substituted(part: exp.Expr) -> exp.Expr:
            return given[fold(part.this)].copy() if isinstance(part, exp.Column) else part

        body = function.body.copy()
        for part in body.walk():
            # The body stands where it is called, but its arguments stay where they are.
            place(part, span_of(call))
        return body.transform(substituted, copy=False)

    def _function(self, statement: CreateFunction) -> UserFunction | None:
        parameters: dict[str, Column] = {}
        for parameter in statement.parameters:
            name = fold_new(parameter.name, self._faults)
            if name in parameters:
                self._faults.add(
                    span_of(parameter.name), f"there are two parameters {written(name)}"
                )
            try:
                parameters[name] = Column(name, column_type(parameter.type.text))
            except NotAColumnType as error:
                self._refuse_type(parameter.type, error)
                return None
        try:
            column_type(statement.returns.text)
        except NotAColumnType as error:
            self._refuse_type(statement.returns, error)
            return None
        body = self.expand(exp.Paren(this=statement.body))
        if not self._sees_parameters_only(body, parameters):
            return None
        if statement.is_strict and parameters:
            body = _strict(body, parameters)
        body = _cast(body, statement.returns)
        scope = Scope(Relation("the function", tuple(parameters.values())), "the function")
        if RowBinder(scope, self._faults).bind(body) is None:
            return None
        types = tuple((fold(p.name), p.type) for p in statement.parameters)
        return UserFunction(types, body, sum(1 for _ in body.walk()))

    def _refuse_type(self, type_: TypeName, error: NotAColumnType) -> None:
        self._faults.add(type_.span, str(error), f"types are {SUPPORTED}")

    def _sees_parameters_only(self, body: exp.Expr, parameters: dict[str, Column]) -> bool:
        is_sound = True
        for column in body.find_all(exp.Column):
            identifier = column.this
            if isinstance(identifier, exp.Identifier) and not column.args.get("table"):
                if fold(identifier) in parameters:
                    continue
                has = listed(parameters) if parameters else "nothing"
                otherwise = f"a function sees its parameters only: {has}"
                advice = no_such("parameter", identifier, list(parameters), otherwise)
                self._faults.advise(span_of(identifier), advice)
            else:
                self._faults.add(span_of(column), "a function sees its parameters only")
            is_sound = False
        return is_sound


def _cast(value: exp.Expr, type_: TypeName) -> exp.Expr:
    written_type = exp.Var(this=type_.text)
    place(written_type, type_.span)
    cast = TypedCast(this=value, type_text=type_.text, expression=written_type)
    return _placed(cast, value)


def _strict(body: exp.Expr, parameters: Iterable[str]) -> exp.Expr:
    """The body of a function that RETURNS NULL ON NULL INPUT."""
    tests: list[exp.Expr] = [
        exp.Is(this=exp.Column(this=exp.Identifier(this=name, quoted=True)), expression=exp.Null())
        for name in parameters
    ]
    is_null = tests[0]
    for test in tests[1:]:
        is_null = exp.Or(this=is_null, expression=test)
    return _placed(exp.Case(ifs=[exp.If(this=is_null, true=exp.Null())], default=body), body)


def _placed(node: exp.Expr, where: exp.Expr) -> exp.Expr:
    place(node, span_of(where))
    return node


def _parameters(number: int) -> str:
    return "1 argument" if number == 1 else f"{number} arguments"

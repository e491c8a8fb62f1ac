"""Vectors of numbers in compiled code, for the few loops that numba does not turn into vector instructions itself.

Each operation is one instruction on all lanes, rounded like that on a single number. Products and sums are fused only
where `Lanes.plus_product` says so.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

WRITES_CODE = True  # an edit of this file is one of all that is compiled with it

_utilities: Any = cgutils
_NUMBER = ir.IntType(64)


class Lanes:
    """So many numbers in double precision, in code that is being generated.

    Parameters
    ----------
    builder
        Writes the code.
    value
        The vector, as llvmlite has it.
    """

    def __init__(self, builder: Any, value: Any) -> None:
        self.builder, self.value = builder, value

    @classmethod
    def everywhere(cls, builder: Any, number: Any, lanes: int) -> Lanes:
        """Return the same number in all lanes.

        Parameters
        ----------
        builder
            Writes the code.
        number
            A constant, or a number of the code.
        lanes
            How many.

        Returns
        -------
        Lanes
            All alike.
        """
        if isinstance(number, float):
            return cls(builder, vector_of(lanes)([number] * lanes))
        return cls(builder, spread_out(builder, number, vector_of(lanes)))

    def __add__(self, other: Lanes) -> Lanes:
        return Lanes(self.builder, self.builder.fadd(self.value, other.value))

    def __sub__(self, other: Lanes) -> Lanes:
        return Lanes(self.builder, self.builder.fsub(self.value, other.value))

    def __mul__(self, other: Lanes) -> Lanes:
        return Lanes(self.builder, self.builder.fmul(self.value, other.value))

    def __truediv__(self, other: Lanes) -> Lanes:
        return Lanes(self.builder, self.builder.fdiv(self.value, other.value))

    def plus_product(self, first: Lanes, second: Lanes) -> Lanes:
        """Return ``self + first * second``, rounded once where the processor can, on each lane alike.

        Parameters
        ----------
        first, second
            The factors.

        Returns
        -------
        Lanes
            The sum.
        """
        kind = self.value.type
        name, signature = f"llvm.fmuladd.v{kind.count}f64", ir.FunctionType(kind, [kind] * 3)
        function = _utilities.get_or_insert_function(self.builder.module, signature, name)
        return Lanes(self.builder, self.builder.call(function, [first.value, second.value, self.value]))

    def where(self, chosen: Any) -> Lanes:
        """Return the numbers where ``chosen``, a vector of bits, is set, and 0 elsewhere: NaN is left behind there."""
        nothing = self.value.type([0.0] * self.value.type.count)
        return Lanes(self.builder, self.builder.select(chosen, self.value, nothing))


class Variable:
    """Numbers in double precision that a loop of the code changes.

    Parameters
    ----------
    numbers
        What they are before it.
    """

    def __init__(self, numbers: Lanes) -> None:
        self._builder, self._place = numbers.builder, _utilities.alloca_once_value(numbers.builder, numbers.value)

    def get(self) -> Lanes:
        """Return what they are now."""
        return Lanes(self._builder, self._builder.load(self._place))

    def set(self, numbers: Lanes) -> None:
        """Change them."""
        self._builder.store(numbers.value, self._place)


def vector_of(lanes: int) -> Any:
    """Return the type of so many numbers in double precision."""
    return ir.VectorType(ir.DoubleType(), lanes)


def index(number: int) -> Any:
    """Return a whole number of the code."""
    return _NUMBER(number)


def load(builder: Any, base: Any, at: Any, lanes: int) -> Lanes:
    """Return numbers that lie one after another, without a test of the bounds.

    Parameters
    ----------
    builder
        Writes the code.
    base, at
        Where the array begins, and the index of the first number.
    lanes
        How many.

    Returns
    -------
    Lanes
        The numbers.
    """
    return Lanes(builder, builder.load(_place(builder, base, at, lanes), align=8))


def number_at(builder: Any, base: Any, at: Any) -> Any:
    """Return one number of an array, without a test of the bounds.

    Parameters
    ----------
    builder
        Writes the code.
    base, at
        Where the array begins, and the index of the number.

    Returns
    -------
    Any
        A number of the code.
    """
    return builder.load(builder.gep(base, [at]))


def shuffled(builder: Any, first: Lanes, second: Lanes, places: list[int]) -> Lanes:
    """Return numbers of two vectors in another order.

    Parameters
    ----------
    builder
        Writes the code.
    first, second
        Of as many lanes.
    places
        Which number goes into each lane: those of the second are counted on from those of the first.

    Returns
    -------
    Lanes
        As many as there are places.
    """
    kind = ir.VectorType(ir.IntType(32), len(places))
    return Lanes(builder, builder.shuffle_vector(first.value, second.value, kind(places)))


def store(builder: Any, numbers: Lanes, base: Any, at: Any) -> None:
    """Write numbers one after another, without a test of the bounds.

    Parameters
    ----------
    builder
        Writes the code.
    numbers
        What is written.
    base, at
        Where the array begins, and the index of the first number.
    """
    builder.store(numbers.value, _place(builder, base, at, numbers.value.type.count), align=8)


def counts_up(builder: Any, first: Any, lanes: int) -> Any:
    """Return the whole numbers from ``first`` on, one in each lane.

    Parameters
    ----------
    builder
        Writes the code.
    first
        A whole number of the code.
    lanes
        How many.

    Returns
    -------
    Any
        A vector of whole numbers.
    """
    kind = ir.VectorType(_NUMBER, lanes)
    return builder.add(spread_out(builder, first, kind), kind(list(range(lanes))))


def below(builder: Any, counts: Any, limit: Any) -> Any:
    """Return in which lanes whole numbers are 0 or more and below a limit.

    Parameters
    ----------
    builder
        Writes the code.
    counts
        A vector of whole numbers.
    limit
        A whole number of the code, 0 or more.

    Returns
    -------
    Any
        A vector of bits.
    """
    return builder.icmp_unsigned("<", counts, spread_out(builder, limit, counts.type))  # a negative one is a large one


def spread_out(builder: Any, number: Any, kind: Any) -> Any:
    """Return a vector of a type with the same number in all lanes.

    Parameters
    ----------
    builder
        Writes the code.
    number
        A number of the code.
    kind
        Type of the vector.

    Returns
    -------
    Any
        The vector.
    """
    undefined = kind(ir.Undefined)
    single = builder.insert_element(undefined, number, ir.IntType(32)(0))
    return builder.shuffle_vector(single, undefined, ir.VectorType(ir.IntType(32), kind.count)([0] * kind.count))


def array_data(context: Any, builder: Any, signature: Any, arguments: Any, number: int) -> Any:
    """Return where the numbers of an argument begin, which is an array.

    Parameters
    ----------
    context, builder, signature, arguments
        As numba hands them to what generates code.
    number
        Which argument, counted from 0.

    Returns
    -------
    Any
        A pointer.

    Raises
    ------
    TypeError
        If it is not one of numbers of eight bytes: others would be read as if they were.
    """
    kind = signature.args[number].dtype
    if kind not in (types.float64, types.int64):
        raise TypeError(f"vectors are read from arrays of float64 or int64, got {kind}; convert the array first")
    return context.make_array(signature.args[number])(context, builder, arguments[number]).data


def _place(builder: Any, base: Any, at: Any, lanes: int) -> Any:
    return builder.bitcast(builder.gep(base, [at]), vector_of(lanes).as_pointer())

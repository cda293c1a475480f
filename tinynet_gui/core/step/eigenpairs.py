"""The largest eigenvalues of a symmetric matrix that is known by its products."""

from collections.abc import Callable

import numpy as np

from tinynet_gui.core.numerics.arrays import Floats

MOST_ROWS_AT_ONCE = 100  # up to this size every entry is computed
MOST_DIRECTIONS = 100  # kept at once
MOST_NUMBERS = 50_000_000  # kept at once: 400 MB
MOST_PRODUCTS = 300
TOLERANCE = 1e-7


def largest_eigenpairs(
    product: Callable[[Floats], Floats], size: int, count: int, tolerance: float = TOLERANCE
) -> tuple[Floats, Floats]:
    """Return the largest eigenvalues, descending, shape (count,), and orthonormal eigenvectors, shape (count, size).

    An eigenvector's largest component is positive. An eigenvalue that occurs several times is returned as often.

    A small matrix is decomposed as a whole. For a large one it is Lanczos' iteration, a power iteration that remembers
    all its steps (Golub & Van Loan, "Matrix computations", chapter 10): on `count` vectors at a time, so as to find
    multiple eigenvalues, each orthogonalised against all before it; when too many are kept, it restarts with the best
    combinations of them (Wu & Simon, "Thick-restart Lanczos method", 2000). It ends when ‖H·v − λ·v‖ is small, or, with
    the best so far, after `MOST_PRODUCTS` products.

    Parameters
    ----------
    product
        The function v → H·v for each row of an array of shape (rows, size). If an image is not finite, or so large that
        its square is not, the results are NaN.
    size, count
        The matrix is (size, size), and `count` is at most `size`.
    tolerance
        Of ‖H·v − λ·v‖, relative to the largest |λ|: each λ that is returned is as close to one of the matrix.
    """
    is_small = size <= MOST_ROWS_AT_ONCE
    found = _of_all_entries(product, size) if is_small else _by_lanczos(product, size, count, tolerance)
    if found is None:
        return np.full(count, np.nan), np.full((count, size), np.nan)
    values, vectors = (part[: -count - 1 : -1] for part in found)
    largest = np.argmax(np.abs(vectors), axis=1)[:, None]
    return values, vectors * np.where(np.take_along_axis(vectors, largest, axis=1) < 0, -1.0, 1.0)


def _of_all_entries(product: Callable[[Floats], Floats], size: int) -> tuple[Floats, Floats] | None:
    matrix = product(np.eye(size))
    if not np.isfinite(matrix).all():
        return None
    values, vectors = np.linalg.eigh(matrix)
    return values, vectors.T


def _by_lanczos(
    product: Callable[[Floats], Floats], size: int, count: int, tolerance: float
) -> tuple[Floats, Floats] | None:
    most = max(4 * count, min(size, MOST_DIRECTIONS, MOST_NUMBERS // size))
    basis, projected = np.empty((most, size)), np.zeros((most, most))  # its lower triangle
    block = np.linalg.qr(np.random.default_rng(0).standard_normal((size, count)))[0].T
    known = 0
    for turn in range(MOST_PRODUCTS):
        end = known + len(block)
        basis[known:end] = block
        rest = product(block)
        if not np.isfinite(np.vdot(rest, rest)):
            return None
        projected[known:end, :end] = shares = rest @ basis[:end].T
        rest -= shares @ basis[:end]
        values, mixes = np.linalg.eigh(projected[:end, :end])
        squares, turned = np.linalg.eigh(rest @ rest.T)
        lengths, limit = np.sqrt(np.maximum(squares, 0.0)), tolerance * np.max(np.abs(values))
        outside = np.linalg.norm(lengths[:, None] * (turned.T @ mixes[known:end, -count:]), axis=0)
        if np.max(outside) <= limit or turn == MOST_PRODUCTS - 1:
            break
        is_new = lengths > limit
        block = (turned[:, is_new] / lengths[is_new]).T @ rest
        block -= (block @ basis[:end].T) @ basis[:end]  # once is not enough, because of rounding
        block = np.linalg.inv(np.linalg.cholesky(block @ block.T)) @ block
        known = end
        if known + len(block) > most:
            known = most // 2
            basis[:known] = mixes[:, -known:].T @ basis[:end]
            projected[:] = 0.0
            projected[:known, :known] = np.diag(values[-known:])
    return values[-count:], mixes[:, -count:].T @ basis[:end]

"""The best piecewise linear curve with so many kinks: what a network of so many neurons could reach at most."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

CANDIDATES = 160  # places that are tried for each new kink
SWEEPS = 2  # times that every kink is moved to its best place after each new one


def best_losses(
    x: npt.ArrayLike, y: npt.ArrayLike, most_kinks: int, stop: npt.NDArray[np.uint8] | None = None
) -> Floats:
    """Return the smallest mean squared error found with 0, 1, ..., `most_kinks` kinks.

    A continuous piecewise linear function with kinks t is a + b·x + Σ c·max(x − t, 0): for given kinks
    least squares gives the best one. The kinks are placed one after the other, each where it helps most,
    and all are moved again after each. That is a search, not a proof: an upper bound of the optimum, and in
    small cases the optimum itself.

    Parameters
    ----------
    x, y
        The samples, shape (samples,).
    stop
        One element; when another thread makes it nonzero, what was found so far is returned.

    Returns
    -------
    Floats
        float64 of shape (most_kinks + 1,), never rising; shorter if it was stopped.
    """
    x, y = np.asarray(x, dtype=np.float64).ravel(), np.asarray(y, dtype=np.float64).ravel()
    order = np.argsort(x)
    x, y = x[order], y[order]
    distinct = np.unique(x)
    places = np.concatenate([distinct[1:-1], (distinct[1:] + distinct[:-1]) / 2])
    if len(places) > CANDIDATES:
        places = np.quantile(places, np.linspace(0, 1, CANDIDATES))
    kinks: list[float] = []
    losses = [_loss(x, y, kinks)]
    stop = np.zeros(1, dtype=np.uint8) if stop is None else stop
    for _ in range(most_kinks):
        if losses[-1] > 1e-12 and len(places):
            kinks.append(_best_place(x, y, kinks, places))
            for _ in range(SWEEPS):
                for index in range(len(kinks)):
                    if stop[0]:
                        return np.array(losses)
                    others = kinks[:index] + kinks[index + 1 :]
                    kinks[index] = _best_place(x, y, others, np.append(places, kinks[index]))
        losses.append(min(losses[-1], _loss(x, y, kinks)))
    return np.array(losses)


def _best_place(x: Floats, y: Floats, kinks: list[float], places: Floats) -> float:
    """Return where one more kink helps most.

    The part of each candidate's column and of y that the other columns do not explain decides.
    """
    basis, _ = np.linalg.qr(_columns(x, kinks))
    residual = y - basis @ (basis.T @ y)
    candidates = np.maximum(x[:, None] - places[None, :], 0.0)
    candidates -= basis @ (basis.T @ candidates)
    size = np.sum(candidates**2, axis=0)
    gain = np.where(size > 1e-9, (candidates.T @ residual) ** 2 / np.maximum(size, 1e-9), 0.0)
    return float(places[np.argmax(gain)])


def _loss(x: Floats, y: Floats, kinks: list[float]) -> float:
    columns = _columns(x, kinks)
    coefficients, *_ = np.linalg.lstsq(columns, y, rcond=None)
    return float(np.mean((columns @ coefficients - y) ** 2))


def _columns(x: Floats, kinks: list[float]) -> Floats:
    return np.column_stack([np.ones_like(x), x, *(np.maximum(x - t, 0.0) for t in kinks)])

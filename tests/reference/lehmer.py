"""Made-up rows that R and Python make alike, from Lehmer's generator s -> 16807 s mod 2^31 - 1, begun at 1.

In R: ``s <- 1; u <- function(n) sapply(1:n, function(i) {s <<- (s * 16807) %% 2147483647; s / 2147483647})``;
``u1 <- u(n)`` to ``u6`` with n = 120; ``a <- floor(u1 * 3) - 1 + u6 / 10; b <- as.numeric(u2 < 0.4)``;
``start <- floor(u3 * 6); stop <- start + 1 + floor(-8 * log(u4) * exp(-0.5 * b)); ev <- as.numeric(u5 < 0.7)``;
``w <- 0.5 + floor(u6 * 4) / 2; g <- floor(u1 * 30); st <- floor(u3 * 2); off <- u4 / 2``;
``status <- ifelse(u5 < 0.3, 0, ifelse(u5 < 0.65, 1, 2))``.
"""

import numpy as np

N = 120


def lehmer(n: int, state: int = 1) -> np.ndarray:
    """n numbers between 0 and 1."""
    found = []
    for _ in range(n):
        state = state * 16807 % 2147483647
        found.append(state / 2147483647)
    return np.array(found)


U1, U2, U3, U4, U5, U6 = lehmer(6 * N).reshape(6, N)
A, B = np.floor(U1 * 3) - 1 + U6 / 10, (U2 < 0.4).astype(float)
MATRIX = np.column_stack([A, B])
START = np.floor(U3 * 6)
STOP = START + 1 + np.floor(-8 * np.log(U4) * np.exp(-0.5 * B))
EVENT = (U5 < 0.7).astype(int)
WEIGHT, CLUSTER, STRATUM, OFFSET = 0.5 + np.floor(U6 * 4) / 2, np.floor(U1 * 30), np.floor(U3 * 2), U4 / 2
STATUS = np.where(U5 < 0.3, 0, np.where(U5 < 0.65, 1, 2))

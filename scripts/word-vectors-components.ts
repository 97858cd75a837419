const ITERATIONS = 300;

/** The product of two vectors of the same length. */
export function dot(left: Float64Array, right: Float64Array): number {
  return left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0);
}

/**
 * The eigenvectors of a symmetric matrix given by its rows, largest eigenvalue first, by orthogonal
 * iteration (Golub & Van Loan, "Matrix Computations", 8.2.4). Where eigenvalues are close the order is
 * approximate, but the vectors are always orthonormal: a rotation, which loses nothing.
 */
export function principalComponents(matrix: readonly Float64Array[]): Float64Array[] {
  let basis: Float64Array[] = matrix.map((_, index) =>
    new Float64Array(matrix.length).fill(1, index, index + 1),
  );
  for (let iteration = 0; iteration < ITERATIONS; iteration += 1) {
    basis = orthonormalise(basis.map((vector) => Float64Array.from(matrix, (row) => dot(row, vector))));
  }
  return basis;
}

/** Modified Gram-Schmidt, done twice, which is enough (Kahan and Parlett). */
function orthonormalise(vectors: readonly Float64Array[]): Float64Array[] {
  const basis: Float64Array[] = [];
  for (const vector of vectors) {
    const rest = withoutComponents(withoutComponents(vector, basis), basis);
    const length = Math.sqrt(dot(rest, rest));
    basis.push(rest.map((value) => value / length));
  }
  return basis;
}

function withoutComponents(vector: Float64Array, basis: readonly Float64Array[]): Float64Array {
  const rest = vector.slice();
  for (const unit of basis) {
    const share = dot(rest, unit);
    unit.forEach((value, index) => {
      rest[index] = (rest[index] ?? 0) - share * value;
    });
  }
  return rest;
}

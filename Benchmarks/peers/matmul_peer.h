// What the matmul peers share: shapes from the command line, input values, a check of the result,
// timing, and one JSON document. A peer defines `peer_multiply` and calls `measure_shapes`.
//
// A shape is `layout:MxNxK`: nt is C = A[M,K] B[N,K]^T, nn is C = A[M,K] B[K,N], tn is
// C = A[K,M]^T B[K,N]; everything row-major, float32.
#pragma once

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct {
  const char *name;
  bool transposeA, transposeB;
  size_t m, n, k;
} Shape;

// Computes C `calls` times, returning once all of them are done. `state` is the peer's own.
typedef void (*Multiply)(void *state, const Shape *shape, int calls);

// Called before a shape is measured, with its inputs; and after it, to fetch C.
typedef void (*Prepare)(void *state, const Shape *shape, const float *a, const float *b);
typedef void (*Fetch)(void *state, const Shape *shape, float *c);

static double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static Shape parse_shape(const char *text) {
  char layout[3];
  Shape shape = {.name = text};
  if (sscanf(text, "%2[nt]:%zux%zux%zu", layout, &shape.m, &shape.n, &shape.k) != 4) {
    fprintf(stderr, "expected a shape like nt:25600x192x64, not %s\n", text);
    exit(64);
  }
  shape.transposeA = layout[0] == 't';
  shape.transposeB = layout[1] == 't';
  return shape;
}

// Values in [-0.5, 0.5) from a linear congruential generator.
static float *random_matrix(size_t count, unsigned seed) {
  float *values = malloc(count * sizeof(float));
  unsigned state = seed;
  for (size_t i = 0; i < count; ++i) {
    state = state * 1664525u + 1013904223u;
    values[i] = (float)(state >> 8) / 16777216.0f - 0.5f;
  }
  return values;
}

// Compares a spread of elements of C with sums in double; stops the program if one is wrong.
static void check_result(const Shape *s, const float *a, const float *b, const float *c) {
  for (size_t sample = 0; sample < 64; ++sample) {
    const size_t i = sample * 7919 % s->m, j = sample * 104729 % s->n;
    double sum = 0;
    for (size_t p = 0; p < s->k; ++p)
      sum += (double)a[s->transposeA ? p * s->m + i : i * s->k + p] *
             b[s->transposeB ? j * s->k + p : p * s->n + j];
    if (fabs(sum - c[i * s->n + j]) > 1e-5 * (double)s->k) {
      fprintf(stderr, "%s: C[%zu][%zu] is %g, not %g\n", s->name, i, j, c[i * s->n + j], sum);
      exit(70);
    }
  }
}

static int ascending(const void *left, const void *right) {
  const double l = *(const double *)left, r = *(const double *)right;
  return (l > r) - (l < r);
}

// Seconds of one product, over rounds of at least 30 ms each.
typedef struct {
  double median, best;
} Measured;

static Measured measure_seconds(void *state, const Shape *shape, Multiply multiply) {
  enum { rounds = 15 };
  double seconds[rounds];
  multiply(state, shape, 1);
  const double start = seconds_now();
  multiply(state, shape, 1);
  const double once = seconds_now() - start;
  const int calls = once > 0.03 ? 1 : (int)(0.03 / once) + 1;
  for (int round = 0; round < rounds; ++round) {
    const double began = seconds_now();
    multiply(state, shape, calls);
    seconds[round] = (seconds_now() - began) / calls;
  }
  qsort(seconds, rounds, sizeof(double), ascending);
  return (Measured){.median = seconds[rounds / 2], .best = seconds[0]};
}

static void measure_shapes(const char *system, const char *version, int count, char **names,
                           void *state, Prepare prepare, Multiply multiply, Fetch fetch) {
  printf("{\"system\": \"%s\", \"version\": \"%s\", \"shapes\": [", system, version);
  for (int index = 0; index < count; ++index) {
    const Shape shape = parse_shape(names[index]);
    float *a = random_matrix(shape.m * shape.k, 1), *b = random_matrix(shape.n * shape.k, 2);
    float *c = calloc(shape.m * shape.n, sizeof(float));
    prepare(state, &shape, a, b);
    const Measured seconds = measure_seconds(state, &shape, multiply);
    fetch(state, &shape, c);
    check_result(&shape, a, b, c);
    const double operations = 2.0 * (double)shape.m * (double)shape.n * (double)shape.k;
    printf("%s{\"shape\": \"%s\", \"milliseconds\": %.4f, \"gflops\": %.2f, \"best_gflops\": %.2f}",
           index ? ", " : "", shape.name, 1e3 * seconds.median, 1e-9 * operations / seconds.median,
           1e-9 * operations / seconds.best);
    free(a);
    free(b);
    free(c);
  }
  printf("]}\n");
}

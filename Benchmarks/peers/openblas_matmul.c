// Times OpenBLAS's sgemm; set OPENBLAS_CORETYPE and OPENBLAS_NUM_THREADS outside.
// cc -O2 openblas_matmul.c -lopenblas -o openblas_matmul && ./openblas_matmul nt:25600x192x64 ...

#include <cblas.h>

#include "matmul_peer.h"

typedef struct {
  const float *a, *b;
  float *c;
} Operands;

static void prepare(void *state, const Shape *shape, const float *a, const float *b) {
  Operands *operands = state;
  free(operands->c);
  *operands = (Operands){a, b, calloc(shape->m * shape->n, sizeof(float))};
}

static void multiply(void *state, const Shape *s, int calls) {
  const Operands *operands = state;
  for (int call = 0; call < calls; ++call)
    cblas_sgemm(CblasRowMajor, s->transposeA ? CblasTrans : CblasNoTrans,
                s->transposeB ? CblasTrans : CblasNoTrans, (int)s->m, (int)s->n, (int)s->k, 1.0f,
                operands->a, (int)(s->transposeA ? s->m : s->k), operands->b,
                (int)(s->transposeB ? s->k : s->n), 0.0f, operands->c, (int)s->n);
}

static void fetch(void *state, const Shape *shape, float *c) {
  memcpy(c, ((Operands *)state)->c, shape->m * shape->n * sizeof(float));
}

int main(int count, char **arguments) {
  Operands operands = {0};
  char system[64];
  snprintf(system, sizeof system, "OpenBLAS %s", openblas_get_corename());
  measure_shapes(system, openblas_get_config(), count - 1, arguments + 1, &operands, prepare,
                 multiply, fetch);
  free(operands.c);
  return 0;
}

// Shared by the two tunings of matmul: the epilogue of a complete sum, and the sum of split
// products. Compiled before matmul_tile_cpu.cl (and matmul_panels_cpu.cl, matmul_splits_cpu.cl) and
// matmul_gpu.cl.

// Epilogues of a sum x, by the numbers of the host's MatmulEpilogue.
#define EPILOGUE_NONE 0           // c = base + x
#define EPILOGUE_GELU 1           // c = gelu(x)
#define EPILOGUE_GELU_KEEP 2      // c = gelu(x), kept = gelu'(x) for the backward pass
#define EPILOGUE_RELU 3           // c = max(x, 0)
#define EPILOGUE_GELU_GRADIENT 4  // c = base + x kept, kept being the derivative of GELU
#define EPILOGUE_RELU_GRADIENT 5  // c = base + x where kept > 0, kept being the output of ReLU

// The first `lanes` floats of a vector in memory; memory after them is neither read nor written.
static inline vf load_lanes(const __global float *pointer, int lanes)
{
  return lanes >= VECTOR_WIDTH ? loadv(pointer) : loadv_part(pointer, lanes);
}

static inline void store_lanes(__global float *pointer, vf value, int lanes)
{
  if (lanes >= VECTOR_WIDTH) storev(pointer, value);
  else storev_part(pointer, value, lanes);
}

// Applies the epilogue to `lanes` sums and stores them at `c`. `addend`, if not null, is added
// element by element; `last` is 0 while a part of K is still missing: activations then wait.
static inline void finish_sum(vf x, int epilogue, int last, const __global float *addend,
                              __global float *kept, __global float *c, int lanes)
{
  if (epilogue == EPILOGUE_GELU_GRADIENT) x *= load_lanes(kept, lanes);
  if (epilogue == EPILOGUE_RELU_GRADIENT)
    x = load_lanes(kept, lanes) > (vf)(0.0f) ? x : (vf)(0.0f);
  if (addend) x += load_lanes(addend, lanes);
  if (last) {
    if (epilogue == EPILOGUE_GELU || epilogue == EPILOGUE_GELU_KEEP) {
      vf slope;
      gelu_together(&x, &slope, 1);
      if (epilogue == EPILOGUE_GELU_KEEP) store_lanes(kept, slope, lanes);
    }
    if (epilogue == EPILOGUE_RELU) x = fmax(x, (vf)(0.0f));
  }
  store_lanes(c, x, lanes);
}

// c[M,N] = base + sum over splits of partial[split][M,N], in the order of the splits. In the same
// order sums[M] += the M floats after each split's product, if there are any.
//
// partial [batch][splits][split_size]; a work-item computes REDUCE_VECTORS vectors of a row of c;
// the row after the last row of c stands for the sums. Grid: (parts of a row, M + has_sums, batch).
#ifdef TUNING_CPU
#define REDUCE_ITEMS 1
#define REDUCE_VECTORS 32
#else
#define REDUCE_ITEMS 64
#define REDUCE_VECTORS 1
#endif
__attribute__((reqd_work_group_size(REDUCE_ITEMS, 1, 1))) __kernel void matmul_reduce(
    __global const float *partial, __global float *c, __global const float *base,
    const int has_base, __global float *sums, const int m, const int n, const int ldc,
    const long batch_stride, const int splits, const int split_size)
{
  const int row = get_group_id(1);
  const int batch = get_group_id(2);
  const int is_sums = row == m;
  const int width = is_sums ? m : n;
  const int start = (int)get_global_id(0) * REDUCE_VECTORS * VECTOR_WIDTH;
  const int end = min(width, start + REDUCE_VECTORS * VECTOR_WIDTH);
  const __global float *source =
      partial + (size_t)batch * splits * split_size + (size_t)row * n;
  const size_t target = batch * batch_stride + (size_t)row * ldc;
  __global float *out = is_sums ? sums : c + target;
  const __global float *addend = is_sums ? sums : (has_base ? base + target : 0);
  for (int j = start; j < end; j += VECTOR_WIDTH) {
    const int lanes = end - j;
    vf total = (vf)(0.0f);
    for (int split = 0; split < splits; ++split)
      total += load_lanes(source + (size_t)split * split_size + j, lanes);
    if (addend) total += load_lanes(addend + j, lanes);
    store_lanes(out + j, total, lanes);
  }
}

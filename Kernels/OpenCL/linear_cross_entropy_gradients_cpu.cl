// Fused linear + softmax cross-entropy, CPU tuning: the table's gradient of one chunk of events.
//
//   de_v += sum_n weight_nv scaled_n
//
// linear_cross_entropy_cpu.cl has the layouts and computes the weights. A register tile of
// TILE_ROWS x 2 vectors broadcasts weights over one strip of channels; a sum over many events loads
// and stores its result once per EVENT_DEPTH events.

#ifndef PANEL
#define PANEL (3 * VECTOR_WIDTH)  // classes per panel of weights
#endif
#ifndef STRIP
#define STRIP (2 * VECTOR_WIDTH)  // channels of a register tile
#endif
#ifndef EVENT_DEPTH
#define EVENT_DEPTH 192  // events per load and store of de
#endif
#define TILE_ROWS (VECTOR_WIDTH / 4 * 3)  // 6 x 2 vectors: 12 of 16 registers; 12 x 2: 24 of 32
#define ONE_ITEM __attribute__((reqd_work_group_size(1, 1, 1)))

// acc[i] += sum_k a[k * aStep + i * aRow] * strip[k]
#define ACCUMULATE(acc, a, aRow, aStep, strip, depth)                       \
  _Pragma("unroll 4") for (int k = 0; k < (depth); k++) {                   \
    const vf b0 = loadv(strip), b1 = loadv((strip) + VECTOR_WIDTH);         \
    _Pragma("unroll") for (int i = 0; i < TILE_ROWS; i++) {                 \
      const vf weight = (vf)((a)[i * (aRow)]);                              \
      acc[i][0] = fma(weight, b0, acc[i][0]);                               \
      acc[i][1] = fma(weight, b1, acc[i][1]);                               \
    }                                                                       \
    a += (aStep);                                                           \
    strip += STRIP;                                                         \
  }

// Adds the chunk's part of the table's gradient. One work-group owns one panel of classes.
__kernel ONE_ITEM void linear_cross_entropy_table_gradient(
    const __global float *restrict weights, const __global float *restrict scaled,
    __global float *restrict tableGradient, int count, int capacity, int first, int classes,
    int width)
{
  const int panel = get_group_id(0);
  const int classEnd = min(PANEL, classes - panel * PANEL);
  __global float *rows = tableGradient + (size_t)(first + panel * PANEL) * width;
  for (int begin = 0; begin < count; begin += EVENT_DEPTH) {
    const int depth = min(EVENT_DEPTH, count - begin);
    for (int d = 0; d < width; d += STRIP) {
      for (int c = 0; c < classEnd; c += TILE_ROWS) {
        __global float *out = rows + c * width + d;
        vf acc[TILE_ROWS][2];
#pragma unroll
        for (int i = 0; i < TILE_ROWS; i++) {
          const int exist = c + i < classEnd ? width - d : 0;
          acc[i][0] = load_lanes(out + i * width, exist);
          acc[i][1] = load_lanes(out + i * width + VECTOR_WIDTH, exist - VECTOR_WIDTH);
        }
        const __global float *a = weights + ((size_t)panel * capacity + begin) * PANEL + c;
        const __global float *strip = scaled + ((size_t)(d / STRIP) * capacity + begin) * STRIP;
        ACCUMULATE(acc, a, 1, PANEL, strip, depth)
#pragma unroll
        for (int i = 0; i < TILE_ROWS; i++) {
          const int exist = c + i < classEnd ? width - d : 0;
          store_lanes(out + i * width, acc[i][0], exist);
          store_lanes(out + i * width + VECTOR_WIDTH, acc[i][1], exist - VECTOR_WIDTH);
        }
      }
    }
  }
}

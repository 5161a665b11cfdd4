// Fused linear + softmax cross-entropy, CPU tuning: both gradients of one chunk of events.
//
//   dx_n = factor_n * sum_v weight_nv e_v        de_v += sum_n weight_nv scaled_n
//
// linear_cross_entropy_cpu.cl has the layouts and computes the weights. Both are matrix products
// whose register tile of TILE_ROWS x 2 vectors broadcasts weights over one strip of channels; a sum
// over many classes (events) loads and stores its result once per CLASS_DEPTH panels (EVENT_DEPTH
// events).

#ifndef PANEL
#define PANEL (3 * VECTOR_WIDTH)  // classes per panel of weights
#endif
#ifndef STRIP
#define STRIP (2 * VECTOR_WIDTH)  // channels of a register tile
#endif
#ifndef BLOCK_ROWS
#define BLOCK_ROWS 48  // events per work-item
#endif
#ifndef CLASS_DEPTH
#define CLASS_DEPTH (120 / PANEL)  // panels per load and store of dx: they and the weights fit L1
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

// dx of `count` events from `start` on. One work-group owns BLOCK_ROWS events.
__kernel ONE_ITEM void linear_cross_entropy_input_gradient(
    const __global float *restrict weights, const __global float *restrict strips,
    const __global float *restrict factors, __global float *restrict dx, int start, int count,
    int capacity, int classes, int width)
{
  const int block = get_group_id(0) * BLOCK_ROWS;
  const int rowEnd = min(block + BLOCK_ROWS, count);
  const int panelCount = (classes + PANEL - 1) / PANEL;
  for (int begin = 0; begin < panelCount; begin += CLASS_DEPTH) {
    const int end = min(begin + CLASS_DEPTH, panelCount);
    for (int d = 0; d < width; d += STRIP) {
      const size_t stripStart = ((size_t)(d / STRIP) * panelCount + begin) * PANEL * STRIP;
      for (int r = block; r < rowEnd; r += TILE_ROWS) {
        __global float *out = dx + (size_t)(start + r) * width + d;
        vf acc[TILE_ROWS][2];
#pragma unroll
        for (int i = 0; i < TILE_ROWS; i++) {
          const int exist = begin > 0 && r + i < rowEnd ? width - d : 0;
          acc[i][0] = load_lanes(out + i * width, exist);
          acc[i][1] = load_lanes(out + i * width + VECTOR_WIDTH, exist - VECTOR_WIDTH);
        }
        const __global float *strip = strips + stripStart;
        for (int panel = begin; panel < end; panel++) {
          const __global float *a = weights + ((size_t)panel * capacity + r) * PANEL;
          // The next rows, from the last-level cache. With vectors of eight it changes nothing.
          for (int i = 0; VECTOR_WIDTH == 16 && d == 0 && i < TILE_ROWS * PANEL; i += 16)
            PREFETCH_LINE(a + TILE_ROWS * PANEL + i);
          ACCUMULATE(acc, a, PANEL, 1, strip, PANEL)
        }
#pragma unroll
        for (int i = 0; i < TILE_ROWS; i++) {
          const int exist = r + i < rowEnd ? width - d : 0;
          const float factor = end == panelCount && exist > 0 ? factors[r + i] : 1.0f;
          store_lanes(out + i * width, acc[i][0] * factor, exist);
          store_lanes(out + i * width + VECTOR_WIDTH, acc[i][1] * factor, exist - VECTOR_WIDTH);
        }
      }
    }
  }
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

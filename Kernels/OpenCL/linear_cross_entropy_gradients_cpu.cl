// Fused linear + softmax cross-entropy, CPU tuning: the table's gradient of one chunk of events.
//
//   de_v += sum_n weight_nv scaled_n
//
// linear_cross_entropy_cpu.cl has the layouts and computes the weights. A sum over many events loads and
// stores its result once per EVENT_DEPTH events. Compiled after tile_cpu.cl.

#ifndef EVENT_DEPTH
#define EVENT_DEPTH 192  // events per load and store of de
#endif
// Adds the chunk's part of the table's gradient. One work-group owns one panel of classes.
ONE_ITEM __kernel void linear_cross_entropy_table_gradient(
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
      for (int c = 0; c < classEnd; c += STRIP_ROWS) {
        __global float *out = rows + c * width + d;
        vf acc[STRIP_ROWS][STRIP_VECTORS];
        EACH_BELOW(i, STRIP_ROWS) EACH_BELOW(j, STRIP_VECTORS) {
          const int exist = c + i < classEnd ? width - d : 0;
          acc[i][j] = load_lanes(out + i * width + j * VECTOR_WIDTH, exist - j * VECTOR_WIDTH);
        }
        const __global float *a = weights + ((size_t)panel * capacity + begin) * PANEL + c;
        const __global float *strip = scaled + ((size_t)(d / STRIP) * capacity + begin) * STRIP;
#define WEIGHT_COLUMN(i) (a + (i))
        MULTIPLY_STRIP(acc, WEIGHT_COLUMN, PANEL, AS_VECTORS(strip), depth)
        EACH_BELOW(i, STRIP_ROWS) EACH_BELOW(j, STRIP_VECTORS) {
          const int exist = c + i < classEnd ? width - d : 0;
          store_lanes(out + i * width + j * VECTOR_WIDTH, acc[i][j], exist - j * VECTOR_WIDTH);
        }
      }
    }
  }
}

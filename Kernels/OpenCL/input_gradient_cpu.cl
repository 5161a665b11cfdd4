// The gradient of the inputs of losses whose scores are computed panel by panel on a CPU. Compiled after
// tile_cpu.cl and softmax_shift_cpu.cl and before linear_cross_entropy_cpu.cl and sampled_loss_shared_cpu.cl,
// which have the layouts.
//
//   dx_n = factor_n * sum_v weight_nv e_v
//
// A work-group that has computed the weights of its rows in CLASS_DEPTH panels adds their products with the classes to
// dx while the weights are in its caches.

// acc += rows 0 ... last of `panels` panels of weights . strip [classes][STRIP]; row `last` stands in for rows
// after it.
ALWAYS_INLINE void add_products(vf acc[STRIP_ROWS][STRIP_VECTORS], const __global float *weights, int last,
                                size_t panel_size, int panels, const __global float *strip)
{
  for (int panel = 0; panel < panels; panel++) {
    const __global float *a = weights + panel * panel_size;
#define WEIGHT_ROW(i) (a + min(i, last) * PANEL)
    MULTIPLY_STRIP(acc, WEIGHT_ROW, 1, AS_VECTORS(strip), PANEL)
    strip += PANEL * STRIP;
  }
}

// Adds the part of CLASS_DEPTH panels to dx of `rows` rows when `panel` is the last of them; the first part
// overwrites dx. weights is the rows' part of panel 0.
static void add_panel_gradient(const __global float *restrict weights, int panel, int panel_count,
                               size_t panel_size, const __global float *restrict strips, int rows,
                               __global float *restrict dx, int width)
{
  const int begin = panel / CLASS_DEPTH * CLASS_DEPTH;
  if (panel + 1 < min(begin + CLASS_DEPTH, panel_count)) return;
  weights += begin * panel_size;
  for (int d = 0; d < width; d += STRIP) {
    const __global float *strip = strips + ((size_t)(d / STRIP) * panel_count + begin) * PANEL * STRIP;
    for (int r = 0; r < rows; r += STRIP_ROWS) {
      __global float *out = dx + (size_t)r * width + d;
      const __global float *a = weights + (size_t)r * PANEL;
      vf acc[STRIP_ROWS][STRIP_VECTORS];
      if (begin > 0 && r + STRIP_ROWS <= rows && d + STRIP <= width) {
        EACH_BELOW(i, STRIP_ROWS)
        EACH_BELOW(j, STRIP_VECTORS) acc[i][j] = loadv(out + i * width + j * VECTOR_WIDTH);
        add_products(acc, a, STRIP_ROWS - 1, panel_size, panel + 1 - begin, strip);
        EACH_BELOW(i, STRIP_ROWS)
        EACH_BELOW(j, STRIP_VECTORS) storev(out + i * width + j * VECTOR_WIDTH, acc[i][j]);
        continue;
      }
      EACH_BELOW(i, STRIP_ROWS)
      EACH_BELOW(j, STRIP_VECTORS)
      {
        const int exist = begin > 0 && r + i < rows ? width - d : 0;
        acc[i][j] = load_lanes(out + i * width + j * VECTOR_WIDTH, exist - j * VECTOR_WIDTH);
      }
      add_products(acc, a, rows - 1 - r, panel_size, panel + 1 - begin, strip);
      EACH_BELOW(i, STRIP_ROWS)
      EACH_BELOW(j, STRIP_VECTORS)
      {
        const int exist = r + i < rows ? width - d : 0;
        store_lanes(out + i * width + j * VECTOR_WIDTH, acc[i][j], exist - j * VECTOR_WIDTH);
      }
    }
  }
}

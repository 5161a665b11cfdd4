// Gradients of target attention (target_attention_cpu.cl has the formula), CPU tuning. Compiled
// after target_attention_tiles_cpu.cl.
//
//   with x = q[n] k[m], h = sigmoid(..), g = dout[n] . k[m], u = g output h (1 - h), z = P^T u:
//   dq[n] += z k[m]   dk[m] += s(n, m) dout[n] + z q[n]   dquery_part[n] += u   dkey_part[m] += u
//   dP += u x^T       doutput += g h
//
// Scores are computed again. rows: P in panels of WIDTH_PANEL vectors; other arrays are those of
// the forward pass, and gradients have the layout of their inputs. A base is read only if its bit
// of has_bases is set (1 q, 2 k, 4 query_part, 8 key_part), and may be its gradient itself.
// partial: [blocks, HIDDEN_PADDED (WIDTH + 1)], the gradients of P^T, packed, and of output, which
// target_attention_reduce sums over blocks.
//
// One work-item per block of sequences, one candidate after another: so the gradients of an event
// have one owner and a fixed order.

// Rows [first, last) of `count` floats start at their base, or 0.
ALWAYS_INLINE void start_rows(__global float *rows, const __global float *base, int has_base,
                              int first, int last, const int count)
{
  for (int row = first; row < last; ++row)
    for (int v = 0; v < VECTORS(count); ++v) {
      const size_t at = (size_t)row * count;
      store_vector(rows + at, v, has_base ? load_vector(base + at, v, count) : (vf)(0.0f), count);
    }
}

// u[i] and its part of the gradients of query_part, key_part and output, for i < count; then u is
// 0.
static inline void hidden_gradients(vf u[TILE][HIDDEN_VECTORS], vf hidden[TILE][HIDDEN_VECTORS],
                                    const float g[TILE], const __global float *output,
                                    vf query_sums[HIDDEN_VECTORS], vf output_sums[HIDDEN_VECTORS],
                                    __global float *dkey_part, int count)
{
  for (int v = 0; v < HIDDEN_VECTORS; ++v) {
    const vf weights = load_vector(output, v, HIDDEN);
    for (int i = 0; i < TILE; ++i) {
      u[i][v] = (vf)(0.0f);
      if (i < count) {
        const vf h = hidden[i][v];
        __global float *dkey = dkey_part + (size_t)i * HIDDEN;
        u[i][v] = g[i] * weights * (h - h * h);
        query_sums[v] += u[i][v];
        output_sums[v] = fma((vf)(g[i]), h, output_sums[v]);
        store_vector(dkey, v, load_vector(dkey, v, HIDDEN) + u[i][v], HIDDEN);
      }
    }
  }
}

// dP^T, packed, += the products of x and u of a tile.
static inline void add_products(__global float *dproduct, vf x[TILE][WIDTH_VECTORS],
                                vf u[TILE][HIDDEN_VECTORS])
{
  const float *values = (const float *)x;
  for (int first = 0; first < HIDDEN_VECTORS; first += HIDDEN_PANEL)
    for (int c = 0; c < WIDTH; ++c) {
      __global float *to = dproduct + (first * WIDTH + c * HIDDEN_PANEL) * VECTOR_WIDTH;
      EACH_BELOW(v, HIDDEN_PANEL)
      {
        vf sum = loadv(to + v * VECTOR_WIDTH);
        EACH_BELOW(i, TILE) sum = fma((vf)(values[i * WIDTH_PADDED + c]), u[i][first + v], sum);
        storev(to + v * VECTOR_WIDTH, sum);
      }
    }
}

__attribute__((reqd_work_group_size(1, 1, 1)))
__kernel void target_attention_backward(
    __global const float *dout, __global const float *q, __global const float *k,
    __global const float *query_part, __global const float *key_part, __global const float *packed,
    __global const float *rows, __global const float *output, __global const int *offsets,
    __global const float *q_base, __global const float *k_base, __global const float *query_base,
    __global const float *key_base, int has_bases, __global float *dq, __global float *dk,
    __global float *dquery_part, __global float *dkey_part, __global float *partial, int sequences,
    int blocks, int window)
{
  const int block = (int)get_group_id(0);
  const int first = (int)((long)sequences * block / blocks);
  const int last = (int)((long)sequences * (block + 1) / blocks);
  __global float *dproduct = partial + (size_t)block * HIDDEN_PADDED * (WIDTH + 1);
  vf output_sums[HIDDEN_VECTORS];
  for (int v = 0; v < HIDDEN_VECTORS; ++v) output_sums[v] = (vf)(0.0f);
  for (int i = 0; i < HIDDEN_PADDED * WIDTH; i += VECTOR_WIDTH) storev(dproduct + i, (vf)(0.0f));
  start_rows(dk, k_base, has_bases & 2, offsets[first], offsets[last], WIDTH);
  start_rows(dkey_part, key_base, has_bases & 8, offsets[first], offsets[last], HIDDEN);
  for (int sequence = first; sequence < last; ++sequence) {
    const int start = offsets[sequence];
    const int end = offsets[sequence + 1];
    for (int n = start; n < end; ++n) {
      const size_t at = (size_t)n * WIDTH, hidden_at = (size_t)n * HIDDEN;
      vf q_sums[WIDTH_VECTORS], query_sums[HIDDEN_VECTORS];
      for (int v = 0; v < WIDTH_VECTORS; ++v)
        q_sums[v] = has_bases & 1 ? load_vector(q_base + at, v, WIDTH) : (vf)(0.0f);
      for (int v = 0; v < HIDDEN_VECTORS; ++v)
        query_sums[v] =
            has_bases & 4 ? load_vector(query_base + hidden_at, v, HIDDEN) : (vf)(0.0f);
      for (int m = max(start, n - window); m < n; m += TILE) {
        const int count = min(TILE, n - m);
        const __global float *keys = k + (size_t)m * WIDTH;
        vf x[TILE][WIDTH_VECTORS], hidden[TILE][HIDDEN_VECTORS], u[TILE][HIDDEN_VECTORS];
        float s[TILE], g[TILE];
        load_products(x, q + at, keys, count);
        tile_scores(s, hidden, x, query_part + hidden_at, key_part + (size_t)m * HIDDEN, packed,
                    output, count);
        for (int i = 0; i < count; ++i) {
          vf dots = (vf)(0.0f);
          for (int v = 0; v < WIDTH_VECTORS; ++v)
            dots = fma(load_vector(dout + at, v, WIDTH),
                       load_vector(keys + (size_t)i * WIDTH, v, WIDTH), dots);
          g[i] = sumv(dots);
        }
        hidden_gradients(u, hidden, g, output, query_sums, output_sums,
                         dkey_part + (size_t)m * HIDDEN, count);
        for (int panel = 0; panel < WIDTH_VECTORS; panel += WIDTH_PANEL) {
          vf z[TILE][MAX_PANEL];
          tile_product(z, (const float *)u, HIDDEN_PADDED, rows + panel * HIDDEN * VECTOR_WIDTH,
                       HIDDEN, WIDTH_PANEL);
          for (int i = 0; i < count; ++i)
            EACH_BELOW(v, WIDTH_PANEL)
            {
              const int to = panel + v;
              __global float *dkey = dk + (size_t)(m + i) * WIDTH;
              const vf part = fma((vf)(s[i]), load_vector(dout + at, to, WIDTH),
                                  z[i][v] * load_vector(q + at, to, WIDTH));
              store_vector(dkey, to, load_vector(dkey, to, WIDTH) + part, WIDTH);
              q_sums[to] =
                  fma(z[i][v], load_vector(keys + (size_t)i * WIDTH, to, WIDTH), q_sums[to]);
            }
        }
        add_products(dproduct, x, u);
      }
      for (int v = 0; v < WIDTH_VECTORS; ++v) store_vector(dq + at, v, q_sums[v], WIDTH);
      for (int v = 0; v < HIDDEN_VECTORS; ++v)
        store_vector(dquery_part + hidden_at, v, query_sums[v], HIDDEN);
    }
  }
  for (int v = 0; v < HIDDEN_VECTORS; ++v)
    storev(dproduct + HIDDEN_PADDED * WIDTH + v * VECTOR_WIDTH, output_sums[v]);
}

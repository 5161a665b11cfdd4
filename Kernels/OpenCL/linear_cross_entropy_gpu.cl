// Fused linear + softmax cross-entropy, GPU tuning.
//
//   loss = scale * sum_n [ log sum_v exp(x_n . e_v) - x_n . e_target(n) ]
//   dx_n = sum_v w_nv e_v    de_v = sum_n w_nv x_n    w_nv = scale * (p_nv - [v = target(n)])
//
// Both gradients are taken in the forward pass, a chunk of events at a time: score writes scores,
// softmax turns them into w in place, input_gradient and table_gradient are two products with w. A
// product with too few tiles for a device is summed in `splits` splits, which fold adds in order.
//
//   x [N, D]; table [rows, D], its rows first ... first + V - 1 are the classes
//   weights [capacity][stride], stride >= V
//
// An event whose target is not a class adds nothing to the loss and to the gradients. A product's
// work-group of 16 x 16 items owns one TILE x TILE tile; an item owns every 16th row and column, so
// that neighbouring items read neighbouring banks and write neighbouring addresses.

#define TILE 64
#define DEPTH 16
#define ACROSS 16              // items of a work-group along each axis
#define OWNED (TILE / ACROSS)  // rows and columns of an item
#define ITEMS (ACROSS * ACROSS)
#define PITCH (TILE + 1)  // of a tile's rows in local memory: transposed stores hit distinct banks
#define GROUP __attribute__((reqd_work_group_size(ITEMS, 1, 1)))

// tile[k][r] = matrix[r * rowStep + k * depthStep], zero from `rows` and `depth` on. Neighbouring
// items read neighbouring addresses along the axis whose step is 1.
static inline void load_tile(__local float *tile, const __global float *matrix, size_t rowStep,
                             size_t depthStep, int rows, int depth, int item)
{
  for (int i = item; i < TILE * DEPTH; i += ITEMS) {
    const int r = depthStep == 1 ? i / DEPTH : i % TILE;
    const int k = depthStep == 1 ? i % DEPTH : i / TILE;
    const bool exists = r < rows && k < depth;
    tile[k * PITCH + r] = exists ? matrix[r * rowStep + k * depthStep] : 0.0f;
  }
}

// acc[i][j] = sum over k of a(row, k) b(column, k), row = i * ACROSS + item / ACROSS, column = j *
// ACROSS + item % ACROSS. Steps of a and b are in floats; `rows`, `columns` and `depth` are those
// that exist.
static inline void multiply(float acc[OWNED][OWNED], const __global float *a, size_t aRow,
                            size_t aDepth, int rows, const __global float *b, size_t bColumn,
                            size_t bDepth, int columns, int depth, __local float *tileA,
                            __local float *tileB, int item)
{
  for (int i = 0; i < OWNED; i++)
    for (int j = 0; j < OWNED; j++) acc[i][j] = 0.0f;
  for (int begin = 0; begin < depth; begin += DEPTH) {
    load_tile(tileA, a + begin * aDepth, aRow, aDepth, rows, depth - begin, item);
    load_tile(tileB, b + begin * bDepth, bColumn, bDepth, columns, depth - begin, item);
    barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll
    for (int k = 0; k < DEPTH; k++) {
      float left[OWNED], right[OWNED];
#pragma unroll
      for (int i = 0; i < OWNED; i++) {
        left[i] = tileA[k * PITCH + i * ACROSS + item / ACROSS];
        right[i] = tileB[k * PITCH + i * ACROSS + item % ACROSS];
      }
#pragma unroll
      for (int i = 0; i < OWNED; i++)
#pragma unroll
        for (int j = 0; j < OWNED; j++) acc[i][j] = fma(left[i], right[j], acc[i][j]);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }
}

// out[row * pitch + column] = acc, or += acc with `add`.
static inline void store_tile(float acc[OWNED][OWNED], __global float *out, size_t pitch, int rows,
                              int columns, int add, int item)
{
  for (int i = 0; i < OWNED; i++)
    for (int j = 0; j < OWNED; j++) {
      const int r = i * ACROSS + item / ACROSS;
      const int c = j * ACROSS + item % ACROSS;
      if (r < rows && c < columns) {
        __global float *place = out + r * pitch + c;
        *place = (add ? *place : 0.0f) + acc[i][j];
      }
    }
}

// Scores of `count` events from `start` on. Work-group (class tile, event tile).
__kernel GROUP void linear_cross_entropy_score(const __global float *restrict x,
                                               const __global float *restrict table,
                                               __global float *restrict weights, int start,
                                               int count, int first, int classes, int stride,
                                               int width)
{
  const int item = get_local_id(0);
  const int v = get_group_id(0) * TILE;
  const int n = get_group_id(1) * TILE;
  __local float tileA[DEPTH * PITCH], tileB[DEPTH * PITCH];
  float acc[OWNED][OWNED];
  multiply(acc, x + (size_t)(start + n) * width, width, 1, count - n,
           table + (size_t)(first + v) * width, width, 1, classes - v, width, tileA, tileB, item);
  store_tile(acc, weights + (size_t)n * stride + v, stride, count - n, classes - v, 0, item);
}

// Loss of one event per work-group and, if `has_gradients`, its weights in place of its scores.
__kernel GROUP void linear_cross_entropy_softmax(__global float *restrict weights,
                                                 const __global int *restrict targets,
                                                 __global float *restrict losses, int start,
                                                 int first, int classes, int stride, float scale,
                                                 int has_gradients)
{
  const int item = get_local_id(0);
  const int n = get_group_id(0);
  __local float scratch[ITEMS];
  __global float *row = weights + (size_t)n * stride;
  const int label = targets[start + n] - first;
  const bool valid = label >= 0 && label < classes;
  float maximum = -INFINITY;
  for (int v = item; v < classes; v += ITEMS) maximum = fmax(maximum, row[v]);
  scratch[item] = maximum;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int half_size = ITEMS / 2; half_size > 0; half_size /= 2) {
    if (item < half_size) scratch[item] = fmax(scratch[item], scratch[item + half_size]);
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  maximum = scratch[0];
  const float labelScore = valid ? row[label] : 0.0f;
  // All items have read the label's score before its weight replaces it below.
  barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
  float sum = 0.0f;
  for (int v = item; v < classes; v += ITEMS) sum += exp(row[v] - maximum);
  sum = group_sum(sum, scratch, 0, item, ITEMS);
  const float factor = scale / sum;
  if (item == 0) losses[start + n] = valid ? log(sum) + (maximum - labelScore) : 0.0f;
  for (int v = item; has_gradients && v < classes; v += ITEMS) {
    const float weight = exp(row[v] - maximum) * factor - (v == label ? scale : 0.0f);
    row[v] = valid ? weight : 0.0f;
  }
}

// One split of dx: out [split][count][D] = sum over its `per_split` classes. Work-group (channel
// tile, event tile, split).
__kernel GROUP void linear_cross_entropy_input_gradient(
    const __global float *restrict weights, const __global float *restrict table,
    __global float *restrict out, int offset, int count, int first, int classes, int stride,
    int width, int per_split)
{
  const int item = get_local_id(0);
  const int d = get_group_id(0) * TILE;
  const int n = get_group_id(1) * TILE;
  const int split = get_group_id(2);
  const int v = split * per_split;
  __local float tileA[DEPTH * PITCH], tileB[DEPTH * PITCH];
  float acc[OWNED][OWNED];
  multiply(acc, weights + (size_t)n * stride + v, stride, 1, count - n,
           table + (size_t)(first + v) * width + d, 1, width, width - d,
           min(per_split, classes - v), tileA, tileB, item);
  store_tile(acc, out + offset + ((size_t)split * count + n) * width + d, width, count - n,
             width - d, 0, item);
}

// One split of de: out [split][V][D] = (with `add`, +=) sum over its `per_split` events. Work-group
// (channel tile, class tile, split).
__kernel GROUP void linear_cross_entropy_table_gradient(
    const __global float *restrict weights, const __global float *restrict x,
    __global float *restrict out, int offset, int start, int count, int classes, int stride,
    int width, int per_split, int add)
{
  const int item = get_local_id(0);
  const int d = get_group_id(0) * TILE;
  const int v = get_group_id(1) * TILE;
  const int split = get_group_id(2);
  const int n = split * per_split;
  __local float tileA[DEPTH * PITCH], tileB[DEPTH * PITCH];
  float acc[OWNED][OWNED];
  multiply(acc, weights + (size_t)n * stride + v, 1, stride, classes - v,
           x + (size_t)(start + n) * width + d, 1, width, width - d, min(per_split, count - n),
           tileA, tileB, item);
  store_tile(acc, out + offset + ((size_t)split * classes + v) * width + d, width, classes - v,
             width - d, add, item);
}

// out[offset + i] = (with `add`, +=) sum of the splits, in their order.
__kernel GROUP void linear_cross_entropy_fold(const __global float *restrict parts,
                                              __global float *restrict out, int offset, int count,
                                              int splits, int add)
{
  const int i = get_group_id(0) * ITEMS + get_local_id(0);
  float sum = add && i < count ? out[offset + i] : 0.0f;
  for (int split = 0; split < splits && i < count; split++)
    sum += parts[(size_t)split * count + i];
  if (i < count) out[offset + i] = sum;
}

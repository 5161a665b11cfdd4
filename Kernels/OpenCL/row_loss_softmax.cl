// Softmax cross-entropy of rows of outputs, with its gradient. Compiled after row_loss_shared.cl.
//
//   loss = sum_n f_n (log sum_c exp z_nc - z_nt),   f_n = scale weights[n] class_weights[t],
//   gradient[n, c] = f_n (softmax_nc - [c = t]),   t = targets[n]
//
// outputs, gradient: [n, width]; weights [n] and class_weights [width] are read, and gradient is
// written, only if their flags are set. A row whose target is not a column adds nothing. A
// work-group computes CHUNK_ROWS rows, on a GPU with 32 work-items per row, and writes their sum to
// partial.

__attribute__((reqd_work_group_size(LANES_PER_ROW, TEAMS, 1)))
__kernel void row_loss_softmax(__global const float *outputs, __global const int *targets,
                               __global const float *class_weights, int has_class_weights,
                               __global const float *weights, int has_weights,
                               __global float *gradient, int has_gradient, __global float *partial,
                               int n, int width, float scale)
{
  __local float scratch[LANES_PER_ROW * TEAMS];
  const int lane = (int)get_local_id(0);
  const int team = (int)get_local_id(1);
  const int group = (int)get_group_id(0);
  const int last = min(n, group * CHUNK_ROWS + CHUNK_ROWS);
  float total = 0.0f;
  for (int start = group * CHUNK_ROWS; start < last; start += TEAMS) {
    const int row = start + team;
    const int columns = row < last ? width : 0;
    const int target = row < last ? targets[row] : -1;
    const int counts = target >= 0 && target < columns;
    __global const float *z = outputs + (size_t)row * width;
    __global float *dz = gradient + (size_t)row * width;
    vf maxima = (vf)(-INFINITY);
    for (int c = lane * VECTOR_WIDTH; c < columns; c += STRIDE)
      maxima = fmax(maxima, load_tail(z + c, columns - c, -INFINITY));
    const float maximum = MAXIMUM(maxv(maxima), team * LANES_PER_ROW, lane, LANES_PER_ROW);
    vf sums = (vf)(0.0f);
    for (int c = lane * VECTOR_WIDTH; c < columns; c += STRIDE)
      sums += exp_negative(load_tail(z + c, columns - c, -INFINITY) - maximum);
    const float sum = TOTAL(sumv(sums), team * LANES_PER_ROW, lane, LANES_PER_ROW);
    float factor = scale;
    if (counts && has_weights) factor *= weights[row];
    if (counts && has_class_weights) factor *= class_weights[target];
    if (counts && lane == 0) total = fma(factor, log(sum) + (maximum - z[target]), total);
    if (has_gradient) {
      for (int c = lane * VECTOR_WIDTH; c < columns; c += STRIDE) {
        const vf e = exp_negative(load_tail(z + c, columns - c, -INFINITY) - maximum);
        store_tail(dz + c, counts ? e * (factor / sum) : (vf)(0.0f), columns - c);
      }
      // By the work-item that wrote the element.
      if (counts && target / VECTOR_WIDTH % LANES_PER_ROW == lane) dz[target] -= factor;
    }
  }
  total = TOTAL(total, 0, team * LANES_PER_ROW + lane, LANES_PER_ROW * TEAMS);
  if (team == 0 && lane == 0) partial[group] = total;
}

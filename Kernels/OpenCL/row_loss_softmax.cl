// Softmax cross-entropy of rows of outputs, with its gradient. Comes behind row_loss_shared.cl.
//
//   loss = sum_n f_n (log sum_c exp z_nc - z_nt),   f_n = scale weights[n] class_weights[t],
//   gradient[n, c] = f_n (softmax_nc - [c = t]),   t = targets[n]
//
// outputs, gradient: [n, width]; weights [n] and class_weights [width] are read only where their flags
// are set, and gradient is written only then. A row whose target is no column counts nothing.
// A work-group takes CHUNK_ROWS rows, on a GPU 32 items a row, and leaves its sum in partial.

__attribute__((reqd_work_group_size(LANES_A_ROW, TEAMS, 1)))
__kernel void row_loss_softmax(__global const float *outputs, __global const int *targets,
                               __global const float *class_weights, int has_class_weights,
                               __global const float *weights, int has_weights,
                               __global float *gradient, int has_gradient, __global float *partial,
                               int n, int width, float scale)
{
  __local float scratch[LANES_A_ROW * TEAMS];
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
    vf mosts = (vf)(-INFINITY);
    for (int c = lane * VECTOR_WIDTH; c < columns; c += STRIDE)
      mosts = fmax(mosts, load_rest(z + c, columns - c, -INFINITY));
    const float most = MOST(maxv(mosts), team * LANES_A_ROW, lane, LANES_A_ROW);
    vf sums = (vf)(0.0f);
    for (int c = lane * VECTOR_WIDTH; c < columns; c += STRIDE)
      sums += exp_negative(load_rest(z + c, columns - c, -INFINITY) - most);
    const float sum = TOTAL(sumv(sums), team * LANES_A_ROW, lane, LANES_A_ROW);
    float factor = scale;
    if (counts && has_weights) factor *= weights[row];
    if (counts && has_class_weights) factor *= class_weights[target];
    if (counts && lane == 0) total = fma(factor, log(sum) + (most - z[target]), total);
    if (has_gradient) {
      for (int c = lane * VECTOR_WIDTH; c < columns; c += STRIDE) {
        const vf e = exp_negative(load_rest(z + c, columns - c, -INFINITY) - most);
        store_rest(dz + c, counts ? e * (factor / sum) : (vf)(0.0f), columns - c);
      }
      // By the item that wrote it.
      if (counts && target / VECTOR_WIDTH % LANES_A_ROW == lane) dz[target] -= factor;
    }
  }
  total = TOTAL(total, 0, team * LANES_A_ROW + lane, LANES_A_ROW * TEAMS);
  if (team == 0 && lane == 0) partial[group] = total;
}

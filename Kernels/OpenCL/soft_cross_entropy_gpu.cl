// Softmax cross-entropy with soft targets, GPU tuning: from the scores of a chunk to its loss and weights.
//
//   losses_n   = (1 - a) [lse(z) - (1 - s) z_target - s mean(z)] + a T^2 sum_v q_v log(q_v / p_v)
//   weights_nv = scale ((1 - a) [softmax(z)_v - (1 - s) [v = target] - s / V] + a T (p_v - q_v))
//   p = softmax(z / T),  q = softmax(t / T)
//
// s is the smoothing of labels; a and T are weight and temperature of a teacher with the scores t. Without a
// teacher (TEACHER 0) a is 0, and t is not read. The scores come from linear_cross_entropy_gpu.cl, and so do both
// products of the gradients.
//
//   weights [count][V]: the scores z, then the weights
//   teacher_scores [count][V]: t

#define ITEMS 256
#define GROUP __attribute__((reqd_work_group_size(ITEMS, 1, 1)))

// One work-group per event, `start` being the first of the chunk.
__kernel GROUP void soft_cross_entropy_weigh(__global float *restrict weights,
                                             const __global float *restrict teacher_scores,
                                             const __global int *restrict targets,
                                             __global float *restrict losses, int start, int first,
                                             int classes, float scale, float smoothing, float share,
                                             float temperature, int has_gradients)
{
  const int item = get_local_id(0);
  const int n = get_group_id(0);
  __local float scratch[ITEMS];
  __global float *z = weights + (size_t)n * classes;
  const __global float *t = teacher_scores + (size_t)n * classes;
  const int label = targets[start + n] - first;
  const bool valid = label >= 0 && label < classes;
  const float cool = LOG2_E / temperature;
  float maximum = -INFINITY, teacher_maximum = -INFINITY;
  for (int v = item; v < classes; v += ITEMS) {
    maximum = fmax(maximum, z[v]);
#if TEACHER
    teacher_maximum = fmax(teacher_maximum, t[v]);
#endif
  }
  maximum = group_maximum(maximum, scratch, 0, item, ITEMS);
  // The target's score is read by the work-item that writes its weight: barriers here order local memory alone.
  float total = 0.0f, hard = 0.0f, target = 0.0f;
#if TEACHER
  teacher_maximum = group_maximum(teacher_maximum, scratch, 0, item, ITEMS);
  // Sums of exp(z / T), exp(t / T), and of the latter times t - z.
  float soft = 0.0f, taught = 0.0f, gap = 0.0f;
#endif
  for (int v = item; v < classes; v += ITEMS) {
    const float own = z[v] - maximum;
    total += own;
    if (v == label) target = own;
    hard += exp2(own * LOG2_E);
#if TEACHER
    const float other = t[v] - teacher_maximum, power = exp2(other * cool);
    soft += exp2(own * cool);
    taught += power;
    gap = fma(power, other - own, gap);
#endif
  }
  total = group_sum(total, scratch, 0, item, ITEMS);
  hard = group_sum(hard, scratch, 0, item, ITEMS);
  target = group_sum(target, scratch, 0, item, ITEMS);
  float loss = (1.0f - share) * (log(hard) - (1.0f - smoothing) * target -
                                 smoothing * total / classes);
#if TEACHER
  soft = group_sum(soft, scratch, 0, item, ITEMS);
  taught = group_sum(taught, scratch, 0, item, ITEMS);
  gap = group_sum(gap, scratch, 0, item, ITEMS);
  loss += share * temperature * temperature * (gap / (taught * temperature) + log(soft / taught));
#endif
  if (item == 0) losses[start + n] = valid ? loss : 0.0f;
  if (!has_gradients) return;
  for (int v = item; v < classes; v += ITEMS) {
    const float own = z[v] - maximum;
    float weight = (1.0f - share) * (exp2(own * LOG2_E) / hard - smoothing / classes);
    if (v == label) weight -= (1.0f - share) * (1.0f - smoothing);
#if TEACHER
    weight += share * temperature *
              (exp2(own * cool) / soft - exp2((t[v] - teacher_maximum) * cool) / taught);
#endif
    z[v] = valid ? scale * weight : 0.0f;
  }
}

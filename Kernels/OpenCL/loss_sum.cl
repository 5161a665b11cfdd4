// loss[0] = scale * sum of the losses of all events, in a fixed order.
//
// losses [N]. A single work-group.

#ifdef TUNING_CPU

__attribute__((reqd_work_group_size(1, 1, 1)))
__kernel void loss_sum(const __global float *restrict losses, __global float *restrict loss,
                       int count, float scale)
{
  vf sum = (vf)(0.0f);
  int n = 0;
  for (; n + VECTOR_WIDTH <= count; n += VECTOR_WIDTH) sum += loadv(losses + n);
  loss[0] = scale * sumv(sum + loadv_part(losses + n, count - n));
}

#else  // TUNING_GPU

#define ITEMS 256

__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void loss_sum(const __global float *restrict losses, __global float *restrict loss,
                       int count, float scale)
{
  const int item = get_local_id(0);
  __local float scratch[ITEMS];
  float sum = 0.0f;
  for (int n = item; n < count; n += ITEMS) sum += losses[n];
  sum = group_sum(sum, scratch, 0, item, ITEMS);
  if (item == 0) loss[0] = sum * scale;
}

#endif

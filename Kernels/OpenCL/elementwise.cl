// Ops that look at one value at a time.

// out = a + b over `count` values; a work-item takes 4096 of them.
__attribute__((reqd_work_group_size(1, 1, 1))) __kernel void add(
    __global const float *a, __global const float *b, __global float *out, const int count) {
  const int start = (int)get_global_id(0) * 4096;
  const int end = min(start + 4096, count);
  for (int i = start; i < end; ++i) out[i] = a[i] + b[i];
}

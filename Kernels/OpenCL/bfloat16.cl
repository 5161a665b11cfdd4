// From float32 to bfloat16 and back.
//
//   bfloat16_round  out = x rounded to the nearest, of two equally near to the even one; NaN stays NaN
//   bfloat16_widen  out = x, exactly
//
// Arrays are [count]. A work-group takes CHUNK elements; on a GPU neighbouring work-items take neighbouring
// elements.

#ifdef TUNING_CPU
#define ITEMS 1
#define CHUNK 4096
#else
#define ITEMS 256
#define CHUNK 1024
#endif

static inline vh bfloat16_rounded(const vf x)
{
  const vu bits = as_vu(x);
  const vu nearest = (bits + (vu)(0x7FFFu) + (bits >> 16 & (vu)(1u))) >> 16;
  return convert_vh(isnan(x) ? bits >> 16 | (vu)(0x40u) : nearest);
}

__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void bfloat16_round(__global const float *x, __global ushort *out, int count)
{
  const int first = (int)get_group_id(0) * CHUNK;
  const int last = min(count, first + CHUNK);
  int i = first + (int)get_local_id(0) * VECTOR_WIDTH;
  for (; i + VECTOR_WIDTH <= last; i += ITEMS * VECTOR_WIDTH)
    store_halves(out + i, bfloat16_rounded(loadv(x + i)), VECTOR_WIDTH);
  if (i < last) store_halves(out + i, bfloat16_rounded(loadv_part(x + i, last - i)), last - i);
}

__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void bfloat16_widen(__global const ushort *x, __global float *out, int count)
{
  const int first = (int)get_group_id(0) * CHUNK;
  const int last = min(count, first + CHUNK);
  int i = first + (int)get_local_id(0) * VECTOR_WIDTH;
  for (; i + VECTOR_WIDTH <= last; i += ITEMS * VECTOR_WIDTH)
    storev(out + i, bfloat16_widened(load_halves(x + i, VECTOR_WIDTH)));
  if (i < last) storev_part(out + i, bfloat16_widened(load_halves(x + i, last - i)), last - i);
}

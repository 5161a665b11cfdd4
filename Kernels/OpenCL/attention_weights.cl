// Attention weights of the last event of each sequence over all events of the sequence; no
// gradient.
//
//   weights[m, h] = softmax over m of q[last, h] . k[m, h] scale,   m in the last `window` of the sequence;
//                   0 for the events before
//
// qkv: [N, 3 heads width], queries, then keys, then values; weights: [N, heads]; offsets: [B + 1].
// Work-group (head, sequence). weights holds the scores first; each element has one owner.

#ifdef TUNING_CPU
#define ITEMS 1
#define TOTAL(value) (value)
#define MAXIMUM(value) (value)
#else
#define ITEMS 256
#define TOTAL(value) group_sum(value, scratch, 0, item, ITEMS)
#define MAXIMUM(value) group_maximum(value, scratch, 0, item, ITEMS)
#endif

__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void attention_weights(__global const float *qkv, __global const int *offsets,
                                __global float *weights, int heads, int width,
                                int window, float scale)
{
  __local float scratch[ITEMS];
  const int item = (int)get_local_id(0);
  const int head = (int)get_group_id(0);
  const int sequence = (int)get_group_id(1);
  const int last = offsets[sequence + 1];
  const int first = max(offsets[sequence], last - window);
  const int stride = 3 * heads * width;
  const int whole = width / VECTOR_WIDTH * VECTOR_WIDTH;
  __global const float *q = qkv + (size_t)max(last - 1, 0) * stride + head * width;
  for (int m = offsets[sequence] + item; m < first; m += ITEMS)
    weights[(size_t)m * heads + head] = 0.0f;
  float maximum = -INFINITY;
  for (int m = first + item; m < last; m += ITEMS) {
    __global const float *k = qkv + (size_t)m * stride + (heads + head) * width;
    vf sums = (vf)(0.0f);
    for (int c = 0; c < whole; c += VECTOR_WIDTH) sums = fma(loadv(q + c), loadv(k + c), sums);
    float score = sumv(sums);
    for (int c = whole; c < width; ++c) score = fma(q[c], k[c], score);
    weights[(size_t)m * heads + head] = score * scale;
    maximum = fmax(maximum, score * scale);
  }
  maximum = MAXIMUM(maximum);
  float sum = 0.0f;
  for (int m = first + item; m < last; m += ITEMS) {
    const float power = exp(weights[(size_t)m * heads + head] - maximum);
    weights[(size_t)m * heads + head] = power;
    sum += power;
  }
  sum = TOTAL(sum);
  for (int m = first + item; m < last; m += ITEMS) weights[(size_t)m * heads + head] /= sum;
}

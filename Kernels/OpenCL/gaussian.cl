// Codes from normal distributions, mean m and log-variance l of each dimension, and their divergence from N(0, 1).
//
//   gaussian_sample           z = m + exp(l / 2) e
//   gaussian_sample_backward  dm = base_m + dz,  dl = base_l + dz e exp(l / 2) / 2
//   gaussian_divergence       losses[b] = sum_c max(least, k),  k = (exp l + m^2 - 1 - l) / 2
//                             dm = scale m,  dl = scale (exp l - 1) / 2  where k > least, else 0
//
// m, l, z and gradients: [n, d]; sequences [n]. e(b, c) is normally distributed: number c % 4 of the four that the
// transform of Box and Muller makes of the counter (c / 4, 0, sequences[b], epoch << 8), so that nothing is kept for the
// backward pass. base is read only if `has_base`, and may be the output itself.
//
// A work-group computes CHUNK_ROWS rows: of a sample a work-item takes four dimensions, whose numbers do not depend
// on where they stand in the batch; of a divergence a whole row, so that its sum has one order.

#ifdef TUNING_CPU
#define ITEMS 1
#define CHUNK_ROWS 64
#else
#define ITEMS 256
#define CHUNK_ROWS 16
#endif

// Word + 1/2 over 2^32, in (0, 1].
static inline float fraction(uint word)
{
  return ((float)word + 0.5f) * 2.3283064365386963e-10f;
}

static inline float4 normal_numbers(int block, int sequence, uint2 key, uint epoch)
{
  const uint4 words = philox4x32((uint4)((uint)block, 0u, (uint)sequence, epoch << 8), key);
  const float first = sqrt(-2.0f * log(fraction(words.x)));
  const float second = sqrt(-2.0f * log(fraction(words.z)));
  const float turn = 6.2831853071795865f * fraction(words.y);
  const float other_turn = 6.2831853071795865f * fraction(words.w);
  return (float4)(first * cos(turn), first * sin(turn), second * cos(other_turn),
                  second * sin(other_turn));
}

typedef union { float4 vector; float lanes[4]; } four_lanes;

__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void gaussian_sample(__global const float *mean, __global const float *log_variance,
                              __global const int *sequences, uint key0, uint key1, uint epoch,
                              __global float *z, int n, int d)
{
  const int first = (int)get_group_id(0) * CHUNK_ROWS;
  const int item = (int)get_local_id(0);
  const int rows = min(n - first, CHUNK_ROWS);
  const int blocks = (d + 3) / 4;
  for (int index = item; index < rows * blocks; index += ITEMS) {
    const int row = first + index / blocks;
    const int block = index % blocks;
    four_lanes noise;
    noise.vector = normal_numbers(block, sequences[row], (uint2)(key0, key1), epoch);
    const int lanes = min(4, d - 4 * block);
    const size_t at = (size_t)row * d + 4 * block;
    for (int lane = 0; lane < lanes; ++lane)
      z[at + lane] = fma(exp(0.5f * log_variance[at + lane]), noise.lanes[lane], mean[at + lane]);
  }
}

__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void gaussian_sample_backward(__global const float *dz,
                                       __global const float *log_variance,
                                       __global const int *sequences, uint key0, uint key1,
                                       uint epoch, __global const float *mean_base,
                                       int has_mean_base, __global float *mean_gradient,
                                       __global const float *log_base, int has_log_base,
                                       __global float *log_gradient, int n, int d)
{
  const int first = (int)get_group_id(0) * CHUNK_ROWS;
  const int item = (int)get_local_id(0);
  const int rows = min(n - first, CHUNK_ROWS);
  const int blocks = (d + 3) / 4;
  for (int index = item; index < rows * blocks; index += ITEMS) {
    const int row = first + index / blocks;
    const int block = index % blocks;
    four_lanes noise;
    noise.vector = normal_numbers(block, sequences[row], (uint2)(key0, key1), epoch);
    const int lanes = min(4, d - 4 * block);
    const size_t at = (size_t)row * d + 4 * block;
    for (int lane = 0; lane < lanes; ++lane) {
      const float slope = 0.5f * exp(0.5f * log_variance[at + lane]) * noise.lanes[lane];
      const float mean_before = has_mean_base ? mean_base[at + lane] : 0.0f;
      const float log_before = has_log_base ? log_base[at + lane] : 0.0f;
      const float gradient = dz[at + lane];
      mean_gradient[at + lane] = mean_before + gradient;
      log_gradient[at + lane] = fma(gradient, slope, log_before);
    }
  }
}

__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void gaussian_divergence(__global const float *mean, __global const float *log_variance,
                                  __global float *losses, __global float *mean_gradient,
                                  __global float *log_gradient, int has_gradients, int n, int d,
                                  float least, float scale)
{
  const int first = (int)get_group_id(0) * CHUNK_ROWS;
  const int item = (int)get_local_id(0);
  const int rows = min(n - first, CHUNK_ROWS);
  for (int index = item; index < rows; index += ITEMS) {
    const int row = first + index;
    float sum = 0.0f;
    for (int c = 0; c < d; ++c) {
      const size_t at = (size_t)row * d + c;
      const float m = mean[at];
      const float l = log_variance[at];
      const float variance = exp(l);
      const float divergence = 0.5f * (fma(m, m, variance - 1.0f) - l);
      sum += fmax(divergence, least);
      if (has_gradients) {
        const float factor = divergence > least ? scale : 0.0f;
        mean_gradient[at] = factor * m;
        log_gradient[at] = factor * 0.5f * (variance - 1.0f);
      }
    }
    losses[row] = sum;
  }
}

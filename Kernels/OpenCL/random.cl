// Random numbers and the factors of dropout. Compiled after prelude.cl, before every source.

// Philox 4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel random numbers, as easy as 1, 2, 3; 2011):
// 128 random bits as a function of a 128-bit counter and a 64-bit key.
static inline uint4 philox4x32(uint4 counter, uint2 key)
{
  for (int round = 0; round < 10; ++round) {
    const ulong product0 = counter.x * 0xD2511F53ul;
    const ulong product1 = counter.z * 0xCD9E8D57ul;
    counter = (uint4)((uint)(product1 >> 32) ^ counter.y ^ key.x, (uint)product1,
                      (uint)(product0 >> 32) ^ counter.w ^ key.y, (uint)product0);
    key += (uint2)(0x9E3779B9u, 0xBB67AE85u);
  }
  return counter;
}

// VECTOR_WIDTH counters at once: lane l of x, y, z, w is counter l. Uses 64-bit products, because
// mul_hi of a vector takes twice as long on pocl.
typedef struct { vu x, y, z, w; } philox_vectors;

static inline philox_vectors philox4x32_vectors(philox_vectors c, uint2 key)
{
#pragma unroll
  for (int round = 0; round < 10; ++round) {
    const vu high0 = convert_vu(convert_vul(c.x) * 0xD2511F53ul >> 32);
    const vu high1 = convert_vu(convert_vul(c.z) * 0xCD9E8D57ul >> 32);
    const vu low0 = c.x * 0xD2511F53u;
    const vu low1 = c.z * 0xCD9E8D57u;
    c.x = high1 ^ c.y ^ key.x;
    c.y = low1;
    c.z = high0 ^ c.w ^ key.y;
    c.w = low0;
    key += (uint2)(0x9E3779B9u, 0xBB67AE85u);
  }
  return c;
}

// Dropout factors (0 or `keep_scale`) of 4 * VECTOR_WIDTH channels of one event, from `channel`, a
// multiple of 4. Channel c takes word c % 4 of the counter (c / 4, time, sequence, epoch << 8) and
// is dropped if that is below `threshold`.
static inline void dropout_factors(vf factors[4], int channel, int time, int sequence, uint2 key,
                                   uint epoch, uint threshold, float keep_scale)
{
  const uint16 lanes = (uint16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  philox_vectors c;
  c.x = *(const vu *)&lanes + (uint)channel / 4;  // the first VECTOR_WIDTH of them
  c.y = (vu)((uint)time);
  c.z = (vu)((uint)sequence);
  c.w = (vu)(epoch << 8);
  c = philox4x32_vectors(c, key);
#if VECTOR_WIDTH == 1
  const vu words[4] = {c.x, c.y, c.z, c.w};
#else
  // From four words per lane to vectors of neighbouring channels, eight lanes at a time.
  vu words[4];
  for (int half_index = 0; half_index < VECTOR_WIDTH / 8; ++half_index) {
    const uint8 x = ((const uint8 *)&c.x)[half_index], y = ((const uint8 *)&c.y)[half_index];
    const uint8 z = ((const uint8 *)&c.z)[half_index], w = ((const uint8 *)&c.w)[half_index];
    uint8 *to = (uint8 *)words + 4 * half_index;
    uint8 xz, yw;
    xz.even = x.lo, xz.odd = z.lo, yw.even = y.lo, yw.odd = w.lo;
    to[0].even = xz.lo, to[0].odd = yw.lo, to[1].even = xz.hi, to[1].odd = yw.hi;
    xz.even = x.hi, xz.odd = z.hi, yw.even = y.hi, yw.odd = w.hi;
    to[2].even = xz.lo, to[2].odd = yw.lo, to[3].even = xz.hi, to[3].odd = yw.hi;
  }
#endif
  for (int i = 0; i < 4; ++i)
    factors[i] = words[i] < (vu)(threshold) ? (vf)(0.0f) : (vf)(keep_scale);
}

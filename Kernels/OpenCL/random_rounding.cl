// Storing numbers of a table: a float32 as it is, a bfloat16 (TABLE_BF16) rounded at random. Compiled before
// optimizer.cl.
//
// A number is rounded to one of its two neighbours, each with a probability in proportion to its nearness: the
// mean is the number, so that updates far below the last bit add up (Gupta, Agrawal, Gopalakrishnan,
// Narayanan: Deep learning with limited numerical precision, ICML 2015).

#if TABLE_BF16
#define ROUNDING_PARAMETERS , uint key0, uint key1, uint step  // of a kernel that stores so
#define RANDOM_WORDS(i) const philox_vectors words = rounding_words(i, step, (uint2)(key0, key1))
#define STORE(pointer, value, word, lanes) \
  store_halves(pointer, rounded_at_random(value, words.word), lanes)

// Words of VECTOR_WIDTH elements from `first` on, a multiple of it, so that no sum of a lane carries.
static inline philox_vectors rounding_words(ulong first, uint step, uint2 key)
{
  const uint16 lanes = (uint16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  philox_vectors c;
  c.x = *(const vu *)&lanes + (uint)first;  // the first VECTOR_WIDTH of them
  c.y = (vu)((uint)(first >> 32));
  c.z = (vu)(step);
  c.w = (vu)(0u);
  return philox4x32_vectors(c, key);
}

// 16 random bits are added below those that are kept. Infinities and NaN stay.
static inline vh rounded_at_random(vf x, vu random)
{
  const vu bits = as_vu(x), exponent = (vu)(0x7F800000u);
  const vu quiet = isnan(x) ? bits | (vu)(0x00400000u) : bits;
  return convert_vh(((bits & exponent) == exponent ? quiet : bits + (random >> 16)) >> 16);
}
#else
#define ROUNDING_PARAMETERS
#define RANDOM_WORDS(i)
#define STORE(pointer, value, word, lanes) store_lanes(pointer, value, lanes)
#endif

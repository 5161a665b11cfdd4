// Dropout of attention probabilities on a CPU: Philox 4x32-10 with the counter (key / 4, query,
// sequence, epoch << 8 | head), where word key % 4 of the result belongs to one pair of key and
// query; a pair is dropped if its word is below the threshold.
//
// Words are kept in the low halves of 64-bit lanes, so that a round is two 32 x 32 bit products and
// no shuffles (high halves hold garbage that nothing reads). In the first rounds most words are
// equal in all lanes, or in a whole block: they are computed once.

#if DROPOUT
#define MULTIPLIER0 0xD2511F53ul
#define MULTIPLIER1 0xCD9E8D57ul
#define LOW_WORD 0xFFFFFFFFul

// Half as many 64-bit lanes as a vector has floats.
#if VECTOR_WIDTH == 16
typedef ulong8 vul_half;
#define HALF_LANE_INDEX (vul_half)(0, 1, 2, 3, 4, 5, 6, 7)
#else
typedef ulong4 vul_half;
#define HALF_LANE_INDEX (vul_half)(0, 1, 2, 3)
#endif

// The words that all counters of a work-item have in common.
typedef struct {
  ulong keys[20];   // the key of each round: first and second word
  ulong sequence;   // third word of the counter
  ulong epoch_head; // fourth word
} attention_random;

static inline attention_random make_random(uint key0, uint key1, uint epoch, int head, int sequence)
{
  attention_random random;
  for (int round = 0; round < 10; ++round) {
    random.keys[2 * round] = key0 + 0x9E3779B9u * (uint)round;
    random.keys[2 * round + 1] = key1 + 0xBB67AE85u * (uint)round;
  }
  random.sequence = (uint)sequence;
  random.epoch_head = (uint)(epoch << 8 | (uint)head);
  return random;
}

// The rounds from `round` on, for counters whose words 0 and 1 are equal in all lanes.
static inline void last_rounds(const ulong *keys, int round, ulong word0, ulong word1,
                               vul_half word2, vul_half word3, vul_half *words)
{
  const ulong product0 = word0 * MULTIPLIER0;
  const vul_half product1 = (word2 & LOW_WORD) * MULTIPLIER1;
  words[0] = (product1 >> 32) ^ (word1 ^ keys[2 * round]);
  words[1] = product1;
  words[2] = word3 ^ ((product0 >> 32) ^ keys[2 * round + 1]);
  words[3] = (vul_half)(product0);
#pragma unroll
  for (int next = round + 1; next < 10; ++next) {
    const vul_half a = (words[0] & LOW_WORD) * MULTIPLIER0;
    const vul_half b = (words[2] & LOW_WORD) * MULTIPLIER1;
    words[0] = (b >> 32) ^ words[1] ^ keys[2 * next];
    words[1] = b;
    words[2] = (a >> 32) ^ words[3] ^ keys[2 * next + 1];
    words[3] = a;
  }
}

// Lanes are queries. The part of rounds 0 and 1 that depends on the query alone: products of word 0
// in round 1, for even and odd lanes of both vectors.
typedef struct { vul_half product[4]; } query_random;

static inline query_random make_query_random(const attention_random *random, int first_query)
{
  const ulong mixed = (random->sequence * MULTIPLIER1 >> 32) ^ random->keys[0];
  query_random result;
  for (int i = 0; i < 4; ++i) {
    const int lane = (i / 2) * VECTOR_WIDTH + i % 2;
    const vul_half query = HALF_LANE_INDEX * 2 + (ulong)(first_query + lane);
    result.product[i] = (query ^ mixed) * MULTIPLIER0;
  }
  return result;
}

// Sets the dropped elements of values[4 keys][LANES queries] to zero.
static inline void drop_queries(const attention_random *random, const query_random *queries,
                                uint key_group, uint threshold, vf *values)
{
  const ulong *keys = random->keys;
  const ulong product0 = key_group * MULTIPLIER0, product1 = random->sequence * MULTIPLIER1;
  const ulong product2 = ((product0 >> 32) ^ random->epoch_head ^ keys[1]) * MULTIPLIER1;
  const ulong word0 = (product2 >> 32) ^ (product1 & LOW_WORD) ^ keys[2];
  const ulong mixed = (product0 & LOW_WORD) ^ keys[3];
#pragma unroll
  for (int v = 0; v < 2; ++v) {
    const vul_half a = queries->product[2 * v], b = queries->product[2 * v + 1];
    vul_half even[4], odd[4];
    last_rounds(keys, 2, word0, product2 & LOW_WORD, (a >> 32) ^ mixed, a, even);
    last_rounds(keys, 2, word0, product2 & LOW_WORD, (b >> 32) ^ mixed, b, odd);
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const vu word = WIDEN(as_uint)((even[i] & LOW_WORD) | (odd[i] << 32));
      values[2 * i + v] = word < threshold ? (vf)(0.0f) : values[2 * i + v];
    }
  }
}

// Lanes are keys, in groups of four. The part of round 0 that depends on the key alone.
typedef struct { vul_half product; } key_random;

static inline key_random make_key_random(int first_key)
{
  key_random result;
  result.product = (HALF_LANE_INDEX + (ulong)(first_key / 4)) * MULTIPLIER0;
  return result;
}

// The random words of one query and LANES keys.
static inline void key_words(const attention_random *random, const key_random *lanes, int query,
                             vu *result)
{
  const ulong product1 = random->sequence * MULTIPLIER1;
  const vul_half word2 = (lanes->product >> 32) ^ (random->epoch_head ^ random->keys[1]);
  vul_half words[4];
  last_rounds(random->keys, 1, (product1 >> 32) ^ (ulong)query ^ random->keys[0],
              product1 & LOW_WORD, word2, lanes->product, words);
  // Words 0 to 3 belong to the four keys of a group: put them side by side.
  const vul_half a = (words[0] & LOW_WORD) | (words[1] << 32);
  const vul_half b = (words[2] & LOW_WORD) | (words[3] << 32);
#if VECTOR_WIDTH == 16
  result[0] = WIDEN(as_uint)((vul_half)(a.s0, b.s0, a.s1, b.s1, a.s2, b.s2, a.s3, b.s3));
  result[1] = WIDEN(as_uint)((vul_half)(a.s4, b.s4, a.s5, b.s5, a.s6, b.s6, a.s7, b.s7));
#else
  result[0] = WIDEN(as_uint)((vul_half)(a.s0, b.s0, a.s1, b.s1));
  result[1] = WIDEN(as_uint)((vul_half)(a.s2, b.s2, a.s3, b.s3));
#endif
}
#endif

// Dropout of attention probabilities on a CPU: Philox 4x32-10 with the counter (key / 4, query,
// sequence, epoch << 8 | head), where word key % 4 of the result belongs to one pair of key and
// query; a pair is dropped if its word is below the threshold. The forward pass draws the words and keeps one bit
// per pair, which the backward pass reads:
//
//   dropped [words][H][N]: for each query of N the pairs with WORD_KEYS keys of its sequence. Word w of a block
//     of LANES queries begins at key FIRST_KEY + w WORD_KEYS. Words that no query of the block sees are not written
//
// Words are kept in the low halves of 64-bit lanes, so that a round is two 32 x 32 bit products and
// no shuffles (high halves hold garbage that nothing reads). In the first rounds most words are
// equal in all lanes, or in a whole block: they are computed once.

#define WORD_KEYS 32
// The first key of a block of LANES queries, the first of which sees keys up to first_visible.
#define FIRST_KEY(first_visible) \
  (WINDOW ? max(0, (first_visible) - WINDOW + 1) / WORD_KEYS * WORD_KEYS : 0)

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

// The part of rounds 0 and 1 that depends on the query alone, whose lanes are queries: products of word 0
// in round 1, for even and odd lanes of each vector.
typedef struct { vul_half product[2 * LANE_VECTORS]; } query_random;

static inline query_random make_query_random(const attention_random *random, int first_query)
{
  const ulong mixed = (random->sequence * MULTIPLIER1 >> 32) ^ random->keys[0];
  query_random result;
  for (int i = 0; i < 2 * LANE_VECTORS; ++i) {
    const int lane = (i / 2) * VECTOR_WIDTH + i % 2;
    const vul_half query = HALF_LANE_INDEX * 2 + (ulong)(first_query + lane);
    result.product[i] = (query ^ mixed) * MULTIPLIER0;
  }
  return result;
}

// Sets the dropped elements of values[4 keys][LANES queries] to zero, and bits of them in `words` from bit `shift`
// on.
static inline void drop_queries(const attention_random *random, const query_random *queries,
                                uint key_group, uint threshold, vf *values, int shift, vu *words)
{
  const ulong *keys = random->keys;
  const ulong product0 = key_group * MULTIPLIER0, product1 = random->sequence * MULTIPLIER1;
  const ulong product2 = ((product0 >> 32) ^ random->epoch_head ^ keys[1]) * MULTIPLIER1;
  const ulong word0 = (product2 >> 32) ^ (product1 & LOW_WORD) ^ keys[2];
  const ulong mixed = (product0 & LOW_WORD) ^ keys[3];
  EACH_LANE_VECTOR(v)
  {
    const vul_half a = queries->product[2 * v], b = queries->product[2 * v + 1];
    vul_half even[4], odd[4];
    last_rounds(keys, 2, word0, product2 & LOW_WORD, (a >> 32) ^ mixed, a, even);
    last_rounds(keys, 2, word0, product2 & LOW_WORD, (b >> 32) ^ mixed, b, odd);
    EACH_BELOW(i, 4)
    {
      const vu word = WIDEN(as_uint)((even[i] & LOW_WORD) | (odd[i] << 32));
      vf *value = values + LANE_VECTORS * i + v;
      *value = word < threshold ? (vf)(0.0f) : *value;
      words[v] |= word < threshold ? (vu)(1u << (shift + i)) : (vu)(0);
    }
  }
}

// The same for `count` keys, from group `key_group` of four on, at most WORD_KEYS; `words` gets their bits.
static inline void draw_words(const attention_random *random, const query_random *queries,
                              uint key_group, int count, uint threshold, vf *values, vu *words)
{
  EACH_LANE_VECTOR(v) words[v] = (vu)(0);
  for (int j = 0; j < count; j += 4)
    drop_queries(random, queries, key_group + j / 4, threshold, values + LANE_VECTORS * j, j, words);
}

// The place of a word of one head and row of queries; q_offsets has their number at its end.
static inline size_t place_of_word(int word, int head, int row, __global const int *q_offsets)
{
  const size_t heads = get_num_groups(1), rows = q_offsets[get_num_groups(2)];
  return (word * heads + head) * rows + row;
}

static inline void store_words(__global uint *to, const vu *words, int count)
{
  for (int v = 0; v < LANE_VECTORS; ++v)
    store_lanes((__global float *)to + v * VECTOR_WIDTH, as_vf(words[v]), count - v * VECTOR_WIDTH);
}

static inline void load_words(__global const uint *from, vu *words, int count)
{
  for (int v = 0; v < LANE_VECTORS; ++v)
    words[v] = WIDEN(as_uint)(load_lanes((__global const float *)from + v * VECTOR_WIDTH, count - v * VECTOR_WIDTH));
}

// The word of one query and the LANES keys from `first_key` on, from their first bit on.
static inline uint key_bits(__global const uint *dropped, int first_key, int query, int first_visible,
                            int head, int q_first, __global const int *q_offsets)
{
  const int begin = FIRST_KEY(first_visible + query / LANES * LANES);
  return dropped[place_of_word((first_key - begin) / WORD_KEYS, head, q_first + query, q_offsets)] >>
         first_key % WORD_KEYS;
}
#endif

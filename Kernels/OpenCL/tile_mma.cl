// Products of matrices by a GPU's matrix unit, for the register tile of tile_gpu.cl, compiled after this.
//
// MMA is the precision of the factors: 32 for TF32 (10 bits after the point), 16 for bfloat16 (7 bits).
// Sums are float32. A warp of 32 items computes D = A B + C for tiles of 16 x 8 by one instruction of PTX,
// mma.sync.m16n8k8 or m16n8k16 (PTX ISA 8.0, "Matrix fragments for mma"). With g = lane / 4, t = lane % 4
// a lane holds
//
//   C, D:  (g, 2t) (g, 2t + 1) (g + 8, 2t) (g + 8, 2t + 1)                                 [row, column]
//   TF32:  A (g, t) (g + 8, t) (g, t + 4) (g + 8, t + 4),  B (t, g) (t + 4, g)             [k, column]
//   bf16:  A (g, 2t) (g + 8, 2t) (g, 2t + 8) (g + 8, 2t + 8),  B (2t, g) (2t + 8, g), each with the
//          next k in its upper half
//
// MMA_TWIN does the same in OpenCL C through local memory, for devices without the instruction: it proves
// the layouts.

#define MMA_STEPS (MMA == 32 ? 8 : 16)  // of K of an instruction
#define MMA_WORDS (MMA == 32 ? 1 : 2)   // floats that an operand register stands for
#define LANE(item) ((item) % 32)

#define TILE_KERNEL(name) mma_##name
#define TILE_VECTORS 18  // of a step in local memory: the rows of four steps are in different banks

#if MMA_TWIN
// What the lanes of a warp exchange: A [16][MMA_STEPS] and B [8][MMA_STEPS].
typedef struct { float a[16][16], b[8][16]; } mma_exchange;
#define MMA_EXCHANGE mma_exchange exchange[2];

ALWAYS_INLINE uint mma_tf32(const float x)
{
  return isnan(x) ? as_uint(x) : (as_uint(x) + 0x1000u) & 0xFFFFE000u;  // ties away from 0
}

ALWAYS_INLINE uint mma_bf16(const float x)
{
  const uint bits = as_uint(x);
  return isnan(x) ? 0x7FFFu : (bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16;  // ties to even
}

ALWAYS_INLINE uint mma_bf16_pair(const float low, const float high)
{
  return mma_bf16(high) << 16 | mma_bf16(low);
}

// All items of the group must call it.
ALWAYS_INLINE void mma_multiply(float *c, const uint *a, const uint *b, __local mma_exchange *all,
                                const int item)
{
  __local mma_exchange *own = all + item / 32;
  const int g = LANE(item) / 4, t = LANE(item) % 4;
  const int half_steps = MMA_STEPS / 2;
  EACH_BELOW(word, MMA_WORDS) {
    const int k = t * MMA_WORDS + word;
    EACH_BELOW(i, 4)
      own->a[g + i % 2 * 8][k + i / 2 * half_steps] =
          as_float(MMA == 32 ? a[i] : word ? a[i] & 0xFFFF0000u : a[i] << 16);
    EACH_BELOW(i, 2)
      own->b[g][k + i * half_steps] =
          as_float(MMA == 32 ? b[i] : word ? b[i] & 0xFFFF0000u : b[i] << 16);
  }
  barrier(CLK_LOCAL_MEM_FENCE);
  EACH_BELOW(i, 4)
    for (int k = 0; k < MMA_STEPS; ++k)
      c[i] = fma(own->a[g + i / 2 * 8][k], own->b[2 * t + i % 2][k], c[i]);
  barrier(CLK_LOCAL_MEM_FENCE);
}
#else
typedef int mma_exchange;  // none
#define MMA_EXCHANGE mma_exchange exchange[1];

ALWAYS_INLINE uint mma_tf32(const float x)
{
  uint bits;
  __asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(x));
  return bits;
}

ALWAYS_INLINE uint mma_bf16_pair(const float low, const float high)
{
  uint bits;
  __asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(bits) : "f"(high), "f"(low));
  return bits;
}

#if MMA == 32
#define MMA_SHAPE "m16n8k8.row.col.f32.tf32.tf32.f32"
#else
#define MMA_SHAPE "m16n8k16.row.col.f32.bf16.bf16.f32"
#endif
#define mma_multiply(c, a, b, exchange, item)                                                       \
  __asm volatile("mma.sync.aligned." MMA_SHAPE                                                   \
                 " {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"              \
                 : "+f"((c)[0]), "+f"((c)[1]), "+f"((c)[2]), "+f"((c)[3])                        \
                 : "r"((a)[0]), "r"((a)[1]), "r"((a)[2]), "r"((a)[3]), "r"((b)[0]), "r"((b)[1]))
#endif

// A register of A or B: of row (or column) r of a factor [k][.] in local memory, from step k on.
#if MMA == 32
#define MMA_OPERAND(factor, k, r) mma_tf32(((__local float *)(factor)[k])[r])
#else
#define MMA_OPERAND(factor, k, r) \
  mma_bf16_pair(((__local float *)(factor)[k])[r], ((__local float *)(factor)[(k) + 1])[r])
#endif

#define MMA_TILES 16  // of a warp: 2 x 8

// Adds 16 steps of K. All items must call it.
ALWAYS_INLINE void mma_steps(float (*c)[4], __local float4 (*left)[TILE_VECTORS],
                             __local float4 (*right)[TILE_VECTORS],
                             __local mma_exchange *exchange, const int item)
{
  const int g = LANE(item) / 4, t = LANE(item) % 4 * MMA_WORDS, top = item / 32 * 32;
  EACH_BELOW(step, 16 / MMA_STEPS) {
    const int k = step * MMA_STEPS + t;
    uint a[2][4];
    EACH_BELOW(i, 2)
      EACH_BELOW(part, 4)
        a[i][part] = MMA_OPERAND(left, k + part / 2 * (MMA_STEPS / 2),
                                 top + 16 * i + g + part % 2 * 8);
    EACH_BELOW(j, 8) {
      uint b[2];
      EACH_BELOW(part, 2) b[part] = MMA_OPERAND(right, k + part * (MMA_STEPS / 2), 8 * j + g);
      EACH_BELOW(i, 2) mma_multiply(c[8 * i + j], a[i], b, exchange, item);
    }
  }
}

// The sums of the warps' tiles in the order of tile_products.
ALWAYS_INLINE void mma_pass(float4 (*sums)[2], float (*c)[4],
                            __local float4 (*results)[TILE_VECTORS], const int item)
{
  const int g = LANE(item) / 4, t = LANE(item) % 4;
  EACH_BELOW(h, 2) {
    if (item / 32 == h)
      EACH_BELOW(i, 2)
        EACH_BELOW(j, 8)
          EACH_BELOW(part, 4)
            ((__local float *)results[16 * i + g + part / 2 * 8])[8 * j + 2 * t + part % 2] =
                c[8 * i + j][part];
    barrier(CLK_LOCAL_MEM_FENCE);
    EACH_BELOW(r, 4)
      EACH_BELOW(v, 2) sums[4 * h + r][v] = results[item / 8 * 4 + r][8 * v + item % 8];
    barrier(CLK_LOCAL_MEM_FENCE);
  }
}

// Compiled before every source: vectors, reductions, 2^x; random.cl follows it.
//
// The host sets TUNING_CPU or TUNING_GPU. On a CPU one work-item loops over vectors of VECTOR_WIDTH
// floats; on a GPU a "vector" is one float, so that plain element-wise code is the same for both.
//
// Words for pieces of work and memory:
//   tile   results that a work-item or work-group sums at once, in registers
//   panel  as many columns as a tile has, packed so that they are read in order: [depth][PANEL]
//   strip  a panel of channels, in the gradients of the losses: [rows][STRIP]
//   block  neighbouring rows, sequences or steps of K that one work-group works on
//   chunk  elements that a work-group, local memory or a workspace holds at a time
//   split  one of several sums over a slice of K each, which are added in order
//   part   some of a whole, as floats of a vector, units of a layer; tail: the part at a row's end
//   team   work-items of a group that work on one row together; lane: an item's number in its team

#ifndef VECTOR_WIDTH
#define VECTOR_WIDTH 1  // the GPU's; for a CPU the host sets 8 (AVX2) or 16 (AVX-512)
#endif

// vf, vi, vu: VECTOR_WIDTH floats, ints, unsigned ints.
#if VECTOR_WIDTH == 1
#define WIDEN(name) name
#elif VECTOR_WIDTH == 8
#define WIDEN(name) name##8
#else
#define WIDEN(name) name##16
#endif
typedef WIDEN(float) vf;
typedef WIDEN(int) vi;
typedef WIDEN(uint) vu;
#define as_vf WIDEN(as_float)
#define as_vi WIDEN(as_int)
#define as_vu WIDEN(as_uint)
#define convert_vu WIDEN(convert_uint)
#define convert_vul WIDEN(convert_ulong)

// Rows start anywhere, so a vector in memory is only as aligned as its elements. vload8 and vstore8
// become several small accesses on pocl; a pointer to an under-aligned type becomes one access.
typedef vf vf_unaligned __attribute__((aligned(4)));
#define loadv(pointer) (*(const __global vf_unaligned *)(pointer))
#define storev(pointer, value) (*(__global vf_unaligned *)(pointer) = (value))

typedef union { vf vector; float lanes[VECTOR_WIDTH]; } vf_lanes;

// The first `count` floats of a vector that would pass the end of its row; the other lanes are 0.
static inline vf loadv_part(const __global float *pointer, int count)
{
  vf_lanes part = {(vf)(0.0f)};
  for (int i = 0; i < count; ++i) part.lanes[i] = pointer[i];
  return part.vector;
}

static inline void storev_part(__global float *pointer, vf value, int count)
{
  vf_lanes part = {value};
  for (int lane = 0; lane < count; ++lane) pointer[lane] = part.lanes[lane];
}

// A vector of a row that has `lanes` more floats, none if it is not above 0; lanes that do not exist are 0, and
// are neither read nor written.
static inline vf load_lanes(const __global float *pointer, int lanes)
{
  return lanes >= VECTOR_WIDTH ? loadv(pointer) : loadv_part(pointer, lanes);
}

static inline void store_lanes(__global float *pointer, vf value, int lanes)
{
  if (lanes >= VECTOR_WIDTH) storev(pointer, value);
  else storev_part(pointer, value, lanes);
}

// The vector of row `row` of [rows][width] from channel c on.
static inline vf load_row(const __global float *rows, int row, int width, int c)
{
  return load_lanes(rows + (size_t)row * width + c, width - c);
}

static inline void store_row(__global float *rows, int row, int width, int c, vf value)
{
  store_lanes(rows + (size_t)row * width + c, value, width - c);
}

// Sum and maximum of the lanes, by halves, in a fixed order. Sixteen lanes are halved in a union
// (in registers), because oclgrind 21.10 takes lane 11 of a shuffle for uninitialised.
#if VECTOR_WIDTH == 1
#define sumv(value) (value)
#define maxv(value) (value)
#else
#if VECTOR_WIDTH == 16
typedef union { float16 whole; float8 halves[2]; } float16_halves;
#endif

static inline float sumv(vf value)
{
#if VECTOR_WIDTH == 16
  const float16_halves parts = {value};
  const float8 eight = parts.halves[0] + parts.halves[1];
  const float4 four = eight.lo + eight.hi;
#else
  const float4 four = value.lo + value.hi;
#endif
  return (four.x + four.z) + (four.y + four.w);
}

static inline float maxv(vf value)
{
#if VECTOR_WIDTH == 16
  const float16_halves parts = {value};
  const float8 eight = fmax(parts.halves[0], parts.halves[1]);
  const float4 four = fmax(eight.lo, eight.hi);
#else
  const float4 four = fmax(value.lo, value.hi);
#endif
  return fmax(fmax(four.x, four.z), fmax(four.y, four.w));
}
#endif

// Sum over a team of `size` neighbouring work-items, a power of two, whose lane 0 is item `first`.
// `scratch` holds one float per item of the work-group. All items of the group must call it.
static inline float group_sum(float value, __local float *scratch, int first, int lane, int size)
{
  scratch[first + lane] = value;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int half_size = size / 2; half_size > 0; half_size /= 2) {
    if (lane < half_size) scratch[first + lane] += scratch[first + lane + half_size];
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  const float total = scratch[first];
  barrier(CLK_LOCAL_MEM_FENCE);
  return total;
}

// The same for the maximum.
static inline float group_maximum(float value, __local float *scratch, int first, int lane, int size)
{
  scratch[first + lane] = value;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int half_size = size / 2; half_size > 0; half_size /= 2) {
    if (lane < half_size)
      scratch[first + lane] = fmax(scratch[first + lane], scratch[first + lane + half_size]);
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  const float maximum = scratch[first];
  barrier(CLK_LOCAL_MEM_FENCE);
  return maximum;
}

#define LOG2_E 1.44269504f

// Functions of several vectors do each step for all vectors, because the steps of one vector wait
// for each other; `count` is a constant.
#define MAX_TOGETHER 4
#define ALWAYS_INLINE static inline __attribute__((always_inline))
#define EACH_BELOW(i, count) _Pragma("unroll") for (int i = 0; i < (count); ++i)

// x = 2^x to 2 ulp for x in [-126, 128), undefined outside; NaN stays NaN.
// 2^x = 2^n 2^r, x = n + r: adding and subtracting 1.5 * 2^23 rounds to n without a conversion, and
// leaves n in the low bits of the sum (19 against 7.5 G exp/s on pocl). 2^r is a polynomial fitted
// for the smallest maximum relative error (1e-7).
ALWAYS_INLINE void exp2_in_steps(vf *x, const int count)
{
  vf shifted[MAX_TOGETHER], p[MAX_TOGETHER];
  EACH_BELOW(i, count) shifted[i] = x[i] + (vf)(12582912.0f);
  EACH_BELOW(i, count) x[i] -= shifted[i] - (vf)(12582912.0f);
  EACH_BELOW(i, count) p[i] = fma(x[i], (vf)(1.32647273e-3f), (vf)(9.67151299e-3f));
  EACH_BELOW(i, count) p[i] = fma(p[i], x[i], (vf)(5.55073358e-2f));
  EACH_BELOW(i, count) p[i] = fma(p[i], x[i], (vf)(2.40222424e-1f));
  EACH_BELOW(i, count) p[i] = fma(p[i], x[i], (vf)(6.93147004e-1f));
  EACH_BELOW(i, count) p[i] = fma(p[i], x[i], (vf)(1.0f));
  EACH_BELOW(i, count) x[i] = as_vf(as_vi(p[i]) + (as_vi(shifted[i]) << 23));
}

#ifdef TUNING_GPU
// Compilers for GPUs order the steps themselves, and would keep arrays of several values in memory.
#define exp2_together(x, count) EACH_BELOW(one, count) exp2_in_steps((x) + one, 1)
#else
#define exp2_together exp2_in_steps
#endif

static inline vf exp2v(vf x) { exp2_in_steps(&x, 1); return x; }

// Prefetches the cache line at a pointer. pocl's prefetch() does nothing.
#ifdef POCL_DEVICE_ADDRESS_BITS
#define PREFETCH_LINE(pointer) __builtin_prefetch((const void *)(size_t)(pointer), 0, 3)
#else
#define PREFETCH_LINE(pointer) prefetch(pointer, 16)
#endif

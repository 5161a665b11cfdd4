// bfloat16, and the numbers of tables that may be stored so. Compiled after prelude.cl, before every source.
//
// A table is the array of an embedding: float32 or, with TABLE_BF16, bfloat16, the upper half of a float32: 8
// bits of exponent, 7 after the point. Kernels that read a table take table_float, and load by the names
// below.

#ifndef TABLE_BF16
#define TABLE_BF16 0  // the host sets 1 where the table of a launch is in bfloat16
#endif

// VECTOR_WIDTH halves, as aligned as one.
typedef WIDEN(ushort) vh;
typedef vh vh_unaligned __attribute__((aligned(2)));
#define convert_vh WIDEN(convert_ushort)
typedef union { vh vector; ushort lanes[VECTOR_WIDTH]; } vh_lanes;

static inline vf bfloat16_widened(const vh stored) { return as_vf(convert_vu(stored) << 16); }

// As load_lanes and store_lanes of the prelude.
static inline vh load_halves(const __global ushort *pointer, int lanes)
{
  if (lanes >= VECTOR_WIDTH) return *(const __global vh_unaligned *)pointer;
  vh_lanes part = {(vh)(0)};
  for (int lane = 0; lane < lanes; ++lane) part.lanes[lane] = pointer[lane];
  return part.vector;
}

static inline void store_halves(__global ushort *pointer, vh value, int lanes)
{
  const vh_lanes part = {value};
  if (lanes >= VECTOR_WIDTH) *(__global vh_unaligned *)pointer = value;
  else for (int lane = 0; lane < lanes; ++lane) pointer[lane] = part.lanes[lane];
}

#if TABLE_BF16
typedef ushort table_float;
#define load_table(pointer) as_float((uint)*(pointer) << 16)
#define loadv_table(pointer) bfloat16_widened(*(const __global vh_unaligned *)(pointer))
#define load_table_lanes(pointer, lanes) bfloat16_widened(load_halves(pointer, lanes))
#else
typedef float table_float;
#define load_table(pointer) (*(pointer))
#define loadv_table loadv
#define load_table_lanes load_lanes
#endif

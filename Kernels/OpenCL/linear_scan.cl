// One event of a diagonal linear recurrence, for a vector of channels; compiled before its loops.
//
//   h_t = a_t h_(t-1) + s_t x_t,   a_t = exp(d_t (-exp(decay) + i exp(frequency))),
//   s_t = sqrt(1 - |a_t|^2)
//
// so that h has the variance of x where the x are independent (Orvieto et al., "Resurrecting
// recurrent neural networks for long sequences", ICML 2023, section 3.4). d_t is the step of the
// event: 1, or with STEPS an array [n, channels]. With COMPLEX every row of x and h holds the real
// parts of its channels, then the imaginary ones; without it poles are real, and frequency unused.
//
// Backward, with g_t the gradient of h_t, those of later events through the recurrence included:
//   g_t = dh_t + conj(a_(t+1)) g_(t+1),  dx = s g,  da = g conj(h_(t-1)),
//   dz = conj(a) da - (|a|^2 / s) Re(conj(g) x)  where a = exp(z),
//   dd = Re(conj(pole) dz),  dpole = sum of d dz
//
// The prelude's vectors stand for neighbouring channels. c: first channel of a vector; channels that
// do not exist are computed from zeros and not stored.

#if COMPLEX
#define PLANES 2
#else
#define PLANES 1
#endif

typedef struct { vf re, im; } scan_value;

// A pole: its rate, below 0, and its angle, per step.
typedef struct { vf rate, angle; } scan_pole;

// The factor a of one event, 1 - |a|^2 under the root, and |a|^2.
typedef struct { vf re, im, scale, square; } scan_factor;

static inline scan_value zero_value(void)
{
  const scan_value zero = {(vf)(0.0f), (vf)(0.0f)};
  return zero;
}

static inline scan_value load_value(const __global float *rows, int row, int channels, int c)
{
  const __global float *first = rows + (size_t)row * (PLANES * channels) + c;
  scan_value value = {load_lanes(first, channels - c), (vf)(0.0f)};
#if COMPLEX
  value.im = load_lanes(first + channels, channels - c);
#endif
  return value;
}

static inline void store_value(__global float *rows, int row, int channels, int c, scan_value value)
{
  __global float *first = rows + (size_t)row * (PLANES * channels) + c;
  store_lanes(first, value.re, channels - c);
#if COMPLEX
  store_lanes(first + channels, value.im, channels - c);
#endif
}

// e^x for x <= 0, 0 below -87.
static inline vf exp_below(vf x) { return exp2v(max(x * (vf)(LOG2_E), (vf)(-126.0f))); }

// sin x for |x| <= pi / 2: the series to x^11, whose error is 6e-8.
static inline vf sine_series(vf x)
{
  const vf square = x * x;
  vf p = fma(square, (vf)(-2.50521084e-8f), (vf)(2.75573192e-6f));
  p = fma(p, square, (vf)(-1.98412698e-4f));
  p = fma(p, square, (vf)(8.33333333e-3f));
  p = fma(p, square, (vf)(-1.66666667e-1f));
  return fma(p * square, x, x);
}

// x minus the nearest multiple of 2 pi, which is subtracted in two parts.
static inline vf reduced_angle(vf x)
{
  const vf turns = rint(x * (vf)(0.159154943f));
  return fma(turns, (vf)(1.74845553e-7f), fma(turns, (vf)(-6.28318548f), x));
}

static inline scan_pole load_pole(const __global float *decay, const __global float *frequency,
                                  int channels, int c)
{
  // The parameters may be of any size: rates and angles stay finite. exp is more exact than exp2v,
  // whose error each step would add to the angle of a state.
  const vf lowest = (vf)(-60.0f);
  const vf nu = min(max(load_lanes(decay + c, channels - c), lowest), (vf)(60.0f));
  scan_pole pole = {-exp(nu), (vf)(0.0f)};
#if COMPLEX
  pole.angle = exp(min(max(load_lanes(frequency + c, channels - c), lowest), (vf)(14.0f)));
#endif
  return pole;
}

// 1 - e^(2 z) for z <= 0: near 0 by the series, where the difference would lose its digits.
static inline vf one_minus_square(vf z, vf square)
{
  const vf y = (vf)(2.0f) * z;
  vf p = fma(y, (vf)(1.38888889e-3f), (vf)(8.33333333e-3f));
  p = fma(p, y, (vf)(4.16666667e-2f));
  p = fma(p, y, (vf)(1.66666667e-1f));
  p = fma(p, y, (vf)(0.5f));
  p = fma(p, y, (vf)(1.0f));
  return y > (vf)(-0.25f) ? -y * p : (vf)(1.0f) - square;
}

static inline scan_factor factor_of(scan_pole pole, vf step)
{
  const vf z = step * pole.rate;
  const vf size = exp_below(z), square = size * size;
  scan_factor a = {size, (vf)(0.0f), sqrt(one_minus_square(z, square)), square};
#if COMPLEX
  const vf angle = reduced_angle(step * pole.angle);
  const vf quarter = (vf)(1.57079633f), half_turn = (vf)(3.14159265f);
  const vf folded = angle > quarter ? half_turn - angle : angle < -quarter ? -half_turn - angle : angle;
  a.re = size * sine_series(quarter - fabs(angle));
  a.im = size * sine_series(folded);
#endif
  return a;
}

// a h + x.
static inline scan_value advance(scan_factor a, scan_value h, scan_value x)
{
  scan_value next = {fma(a.re, h.re, x.re), (vf)(0.0f)};
#if COMPLEX
  next.re = fma(-a.im, h.im, next.re);
  next.im = fma(a.re, h.im, fma(a.im, h.re, x.im));
#endif
  return next;
}

static inline scan_value scaled(scan_factor a, scan_value x)
{
  const scan_value value = {a.scale * x.re, a.scale * x.im};
  return value;
}

// conj(a) g.
static inline scan_value turned_back(scan_factor a, scan_value g)
{
  scan_value value = {a.re * g.re, (vf)(0.0f)};
#if COMPLEX
  value.re = fma(a.im, g.im, value.re);
  value.im = fma(a.re, g.im, -(a.im * g.re));
#endif
  return value;
}

static inline scan_value sum_of(scan_value x, scan_value y)
{
  const scan_value sum = {x.re + y.re, x.im + y.im};
  return sum;
}

// dz from g, the state before the event, and its input.
static inline scan_value exponent_gradient(scan_factor a, scan_value g, scan_value before, scan_value x)
{
  scan_value da = {g.re * before.re, (vf)(0.0f)};
  vf product = g.re * x.re;
#if COMPLEX
  da.re = fma(g.im, before.im, da.re);
  da.im = fma(g.im, before.re, -(g.re * before.im));
  product = fma(g.im, x.im, product);
#endif
  scan_value dz = turned_back(a, da);
  dz.re -= product * (a.square / max(a.scale, (vf)(1e-18f)));
  return dz;
}

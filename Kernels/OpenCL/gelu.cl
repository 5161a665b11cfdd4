// GELU and its derivative. Compiled before activation.cl and matmul_common.cl.

// x = GELU(x) = x Phi(x), Phi being the normal distribution function (Hendrycks and Gimpel 2016),
// and slopes = GELU'(x) = Phi(x) + x phi(x), phi being the normal density: both need e^(-x^2 / 2).
// The tail Phi(-|x|) is e^(-x^2 / 2) times a polynomial in t = 1 / (1 + 0.3 |x|), fitted for the
// smallest maximum relative error (5e-7 at any x).
ALWAYS_INLINE void gelu_together(vf *x, vf *slopes, const int count)
{
  vf e[MAX_TOGETHER], t[MAX_TOGETHER], tail[MAX_TOGETHER];
  EACH_BELOW(i, count) t[i] = (vf)(1.0f) / fma(fabs(x[i]), (vf)(0.3f), (vf)(1.0f));
  EACH_BELOW(i, count) e[i] = x[i] * x[i] * -0.721347520f;
  EACH_BELOW(i, count) e[i] = e[i] < (vf)(-126.0f) ? (vf)(-126.0f) : e[i];
  exp2_together(e, count);
  EACH_BELOW(i, count) tail[i] = fma(t[i], (vf)(0.0356747732f), (vf)(-0.157203078f));
  EACH_BELOW(i, count) tail[i] = fma(tail[i], t[i], (vf)(0.2063535f));
  EACH_BELOW(i, count) tail[i] = fma(tail[i], t[i], (vf)(-0.0536836423f));
  EACH_BELOW(i, count) tail[i] = fma(tail[i], t[i], (vf)(0.128561631f));
  EACH_BELOW(i, count) tail[i] = fma(tail[i], t[i], (vf)(0.0999134928f));
  EACH_BELOW(i, count) tail[i] = fma(tail[i], t[i], (vf)(0.120753959f));
  EACH_BELOW(i, count) tail[i] = fma(tail[i], t[i], (vf)(0.119629301f)) * t[i] * e[i];
  EACH_BELOW(i, count)
  {
    const vf cumulative = x[i] > (vf)(0.0f) ? (vf)(1.0f) - tail[i] : tail[i];
    slopes[i] = fma(x[i] * 0.398942280f, e[i], cumulative);
    x[i] = fma(-fabs(x[i]), tail[i], x[i] > (vf)(0.0f) ? x[i] : (vf)(0.0f));
  }
}

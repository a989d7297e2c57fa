// Compiled once for every instruction set that Highway knows; the best one is chosen at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/tile_ops.cpp"
#include <hwy/foreach_target.h>
// Highway wants its own headers after the line above.
#include <hwy/cache_control.h>
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include <algorithm>
#include <limits>

#include "kernels/cpu/tile_ops.h"

HWY_BEFORE_NAMESPACE();
namespace mlawave::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::CappedTag<float, 16>;
using V = hn::Vec<D>;

void widen(const std::uint16_t* from, float* to, std::size_t count, api::Dtype dtype) {
  const D d;
  const hn::Rebind<std::uint16_t, D> d16;
  const hn::RebindToUnsigned<D> d32;
  const hn::Rebind<hwy::float16_t, D> df16;
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    const auto bits = hn::LoadU(d16, from + i);
    const V wide = dtype == api::Dtype::f16
                       ? hn::PromoteTo(d, hn::BitCast(df16, bits))
                       : hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(d32, bits)));
    hn::StoreU(wide, d, to + i);
  }
}

// Four rows by three tokens: twelve independent sums hide the latency of two FMA pipes, on seven
// loads. (Named, not an array: vectors of unknown length have none.)
void score(const float* q, const float* k, const std::uint16_t* next, float* s) {
  const D d;
  constexpr int n = api::kDQk;
  constexpr int kBlocks = kRows / 4 * ((kTokens + 2) / 3), kLine = 64 / sizeof(*next);
  constexpr int kLinesPerBlock = kTokens * n / kLine / kBlocks;
  for (int row = 0; row < kRows; row += 4)
    for (int at = 0; at < kTokens; at += 3) {
      const int token = std::min(at, kTokens - 3);  // the last block does one token again
      const float *q0 = q + row * n, *q1 = q0 + n, *q2 = q1 + n, *q3 = q2 + n;
      const float *k0 = k + token * n, *k1 = k0 + n, *k2 = k1 + n;
      for (int i = 0; next && i < kLinesPerBlock; ++i, next += kLine) hwy::Prefetch(next);
      V s00 = hn::Zero(d), s01 = s00, s02 = s00, s10 = s00, s11 = s00, s12 = s00;
      V s20 = s00, s21 = s00, s22 = s00, s30 = s00, s31 = s00, s32 = s00;
      for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
        const V a = hn::LoadU(d, k0 + i), b = hn::LoadU(d, k1 + i), c = hn::LoadU(d, k2 + i);
        const V x0 = hn::LoadU(d, q0 + i);
        s00 = hn::MulAdd(x0, a, s00), s01 = hn::MulAdd(x0, b, s01), s02 = hn::MulAdd(x0, c, s02);
        const V x1 = hn::LoadU(d, q1 + i);
        s10 = hn::MulAdd(x1, a, s10), s11 = hn::MulAdd(x1, b, s11), s12 = hn::MulAdd(x1, c, s12);
        const V x2 = hn::LoadU(d, q2 + i);
        s20 = hn::MulAdd(x2, a, s20), s21 = hn::MulAdd(x2, b, s21), s22 = hn::MulAdd(x2, c, s22);
        const V x3 = hn::LoadU(d, q3 + i);
        s30 = hn::MulAdd(x3, a, s30), s31 = hn::MulAdd(x3, b, s31), s32 = hn::MulAdd(x3, c, s32);
      }
      const auto put = [&](int r, V a, V b, V c) {
        float* to = s + (row + r) * kTokens + token;
        to[0] = hn::GetLane(hn::SumOfLanes(d, a));
        to[1] = hn::GetLane(hn::SumOfLanes(d, b));
        to[2] = hn::GetLane(hn::SumOfLanes(d, c));
      };
      put(0, s00, s01, s02), put(1, s10, s11, s12);
      put(2, s20, s21, s22), put(3, s30, s31, s32);
    }
}

// Scales a row of scores, hides what the row does not see behind -inf; the row's maximum.
float mask(float* s, int visible, float scale) {
  const D d;
  constexpr float kNone = -std::numeric_limits<float>::infinity();
  V top = hn::Set(d, kNone);
  for (std::size_t t = 0; t < kTokens; t += hn::Lanes(d)) {
    const auto seen =
        hn::Lt(hn::Iota(d, static_cast<float>(t)), hn::Set(d, static_cast<float>(visible)));
    const V x =
        hn::IfThenElse(seen, hn::Mul(hn::LoadU(d, s + t), hn::Set(d, scale)), hn::Set(d, kNone));
    hn::StoreU(x, d, s + t);
    top = hn::Max(top, x);
  }
  return hn::GetLane(hn::MaxOfLanes(d, top));
}

void soften(float* s, const int* visible, float scale, float* m, float* l, float* o) {
  const D d;
  constexpr float kNone = -std::numeric_limits<float>::infinity();
  for (int row = 0; row < kRows; ++row) {
    float* at = s + row * kTokens;
    if (visible[row] == 0) {
      std::fill_n(at, kTokens, 0.f);
      continue;
    }
    const float top = std::max(m[row], mask(at, visible[row], scale));
    V sum = hn::Zero(d);
    for (std::size_t t = 0; t < kTokens; t += hn::Lanes(d)) {
      const V x = hn::LoadU(d, at + t);
      // Exp makes 0 of NaN, which must show in the output, and promises nothing for -inf.
      const V e = hn::IfThenElse(hn::IsNaN(x), x, hn::Exp(d, hn::Sub(x, hn::Set(d, top))));
      const V p = hn::IfThenZeroElse(hn::Eq(x, hn::Set(d, kNone)), e);
      hn::StoreU(p, d, at + t);
      sum = hn::Add(sum, p);
    }
    if (top != m[row]) {
      const float shrink =
          m[row] == kNone ? 0.f : hn::GetLane(hn::Exp(d, hn::Set(d, m[row] - top)));
      l[row] *= shrink;
      for (std::size_t i = 0; i < api::kDV; i += hn::Lanes(d)) {
        float* x = o + row * api::kDV + i;
        hn::StoreU(hn::Mul(hn::LoadU(d, x), hn::Set(d, shrink)), d, x);
      }
      m[row] = top;
    }
    l[row] += hn::GetLane(hn::SumOfLanes(d, sum));
  }
}

// Four rows by two vectors of columns stay in registers over the tile's tokens.
void add_values(const float* p, const float* v, float* o) {
  const D d;
  const std::size_t lanes = hn::Lanes(d);
  for (int row = 0; row < kRows; row += 4)
    for (std::size_t column = 0; column < api::kDV; column += 2 * lanes) {
      float *o0 = o + row * api::kDV + column, *o1 = o0 + api::kDV;
      float *o2 = o1 + api::kDV, *o3 = o2 + api::kDV;
      V x00 = hn::LoadU(d, o0), x01 = hn::LoadU(d, o0 + lanes);
      V x10 = hn::LoadU(d, o1), x11 = hn::LoadU(d, o1 + lanes);
      V x20 = hn::LoadU(d, o2), x21 = hn::LoadU(d, o2 + lanes);
      V x30 = hn::LoadU(d, o3), x31 = hn::LoadU(d, o3 + lanes);
      const float* weight = p + row * kTokens;
      const float* from = v + column;
      for (int t = 0; t < kTokens; ++t, ++weight, from += api::kDQk) {
        const V a = hn::LoadU(d, from), b = hn::LoadU(d, from + lanes);
        const V w0 = hn::Set(d, weight[0]), w1 = hn::Set(d, weight[kTokens]);
        const V w2 = hn::Set(d, weight[2 * kTokens]), w3 = hn::Set(d, weight[3 * kTokens]);
        x00 = hn::MulAdd(w0, a, x00), x01 = hn::MulAdd(w0, b, x01);
        x10 = hn::MulAdd(w1, a, x10), x11 = hn::MulAdd(w1, b, x11);
        x20 = hn::MulAdd(w2, a, x20), x21 = hn::MulAdd(w2, b, x21);
        x30 = hn::MulAdd(w3, a, x30), x31 = hn::MulAdd(w3, b, x31);
      }
      hn::StoreU(x00, d, o0), hn::StoreU(x01, d, o0 + lanes);
      hn::StoreU(x10, d, o1), hn::StoreU(x11, d, o1 + lanes);
      hn::StoreU(x20, d, o2), hn::StoreU(x21, d, o2 + lanes);
      hn::StoreU(x30, d, o3), hn::StoreU(x31, d, o3 + lanes);
    }
}

}  // namespace mlawave::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mlawave::cpu {

HWY_EXPORT(widen);
HWY_EXPORT(score);
HWY_EXPORT(soften);
HWY_EXPORT(add_values);

void widen(const std::uint16_t* from, float* to, std::size_t count, api::Dtype dtype) {
  HWY_DYNAMIC_DISPATCH(widen)(from, to, count, dtype);
}
void score(const float* q, const float* k, const std::uint16_t* next, float* s) {
  HWY_DYNAMIC_DISPATCH(score)(q, k, next, s);
}
void soften(float* s, const int* visible, float scale, float* m, float* l, float* o) {
  HWY_DYNAMIC_DISPATCH(soften)(s, visible, scale, m, l, o);
}
void add_values(const float* p, const float* v, float* o) {
  HWY_DYNAMIC_DISPATCH(add_values)(p, v, o);
}

}  // namespace mlawave::cpu
#endif

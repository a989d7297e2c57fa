#include "harness/analysis/simulate.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "harness/analysis/split_mix.h"
#include "harness/analysis/steps.h"
#include "kernels/schedule/schedule.h"

namespace mlawave::analysis {
namespace {

constexpr double kPi = 3.14159265358979323846;

class Random {
 public:
  explicit Random(std::uint64_t seed) : bits_(seed) {}
  std::uint64_t next() { return bits_.next(); }
  double uniform() { return (static_cast<double>(next() >> 11) + 0.5) / 9007199254740992.0; }
  double between(double a, double b) { return a + (b - a) * uniform(); }
  double normal() {  // Box and Muller
    return std::sqrt(-2 * std::log(uniform())) * std::cos(2 * kPi * uniform());
  }
  double student_2() { return normal() / std::sqrt(-std::log(uniform())); }
  template <class T, std::size_t N>
  T one_of(const std::array<T, N>& values) {
    return values[next() % N];
  }

 private:
  SplitMix64 bits_;
};

struct Grid {
  std::int64_t step, last;
  RowRule rule;
  int tokens;
};

Grid draw_grid(Random& r) {
  constexpr std::array<std::int64_t, 5> kLast{16384, 32768, 32768, 65536, 66560};
  constexpr std::array<std::int64_t, 5> kStep{256, 512, 512, 1024, 2048};
  Grid g{r.one_of(kStep), r.one_of(kLast), RowRule::appending, 128};
  if (g.step == 256) return {256, g.last, RowRule::exact, 1};
  g.tokens = static_cast<int>(g.step / 4);
  return g;
}

std::int64_t chunks_of(std::int64_t n, const Grid& g, int token, int chunk) {
  if (g.rule == RowRule::exact) return schedule::ceil_div(n, chunk);
  return (n + token) / chunk + 1;
}

// Mean over the row's tokens of units on the busiest slot.
double mean_load(std::int64_t n, const Grid& g, const Hypothesis& h) {
  double sum = 0;
  int count = 0;
  const int stride = std::max(1, g.tokens / 16);
  for (int j = 0; j < g.tokens; j += stride, ++count)
    sum +=
        static_cast<double>(schedule::ceil_div(chunks_of(n, g, j, h.chunk) * h.n_tiles, h.slots()));
  return sum / count;
}

Hypothesis draw_machine(Random& r) {
  constexpr std::array<int, 13> kSms{28, 46, 56, 68, 76, 82, 84, 108, 114, 128, 132, 170, 188};
  constexpr std::array<int, 3> kCtas{1, 2, 4};
  constexpr std::array<int, 5> kTiles{1, 2, 4, 6, 8};
  Hypothesis h{r.one_of(kSms), r.one_of(kCtas), r.one_of(kTiles), 256, 0, 1};
  h.real_sms = h.sms;
  return h;
}

// Attention on top of the rest of the model: part of it follows n_kv, part the busiest slot.
void add_waves(std::vector<double>& y, const std::vector<std::int64_t>& n, const Grid& g,
               const Hypothesis& h, double jump, double flatness) {
  const double middle = y[y.size() / 2];
  const double unit = jump * middle;
  for (std::size_t i = 0; i < n.size(); ++i) {
    const double load = mean_load(n[i], g, h);
    const double smooth = static_cast<double>(n[i]) / h.period();
    y[i] += unit * (load - (1 - flatness) * smooth);
  }
}

void add_bumps(Random& r, std::vector<double>& y) {
  const int count = 1 + static_cast<int>(r.next() % 4);
  for (int b = 0; b < count; ++b) {
    const std::size_t first = r.next() % y.size();
    const std::size_t length = 2 + r.next() % 8;
    const double height = r.between(0.005, 0.05);
    for (std::size_t i = first; i < std::min(y.size(), first + length); ++i)
      y[i] *= 1 + height * r.between(0.5, 1);
  }
}

void add_shape(Random& r, Shape shape, std::vector<double>& y, const std::vector<std::int64_t>& n) {
  const double span = static_cast<double>(n.back());
  if (shape == Shape::bend) {
    const double knee = r.between(0.2, 0.8) * span, more = r.between(0.2, 2);
    for (std::size_t i = 0; i < n.size(); ++i)
      y[i] += std::max(0.0, static_cast<double>(n[i]) - knee) / span * more * y[0];
  }
  if (shape == Shape::one_step) {
    const double place = r.between(0.1, 0.9) * span, size = r.between(0.01, 0.2) * y[0];
    for (std::size_t i = 0; i < n.size(); ++i)
      if (static_cast<double>(n[i]) > place) y[i] += size;
  }
  if (shape == Shape::sawtooth) {
    constexpr std::array<std::int64_t, 4> kPage{512, 768, 1024, 2048};
    const std::int64_t page = r.one_of(kPage);
    const double size = r.between(0.005, 0.05) * y[0];
    for (std::size_t i = 0; i < n.size(); ++i)
      y[i] += size * (static_cast<double>((page - n[i] % page) % page) / static_cast<double>(page));
  }
  if (shape == Shape::bumps) add_bumps(r, y);
}

void add_noise(Random& r, Shape shape, double noise, std::vector<double>& y) {
  double memory = 0;
  for (double& v : y) {
    double e = r.normal();
    if (shape == Shape::heavy_tails) e = r.student_2();
    if (shape == Shape::drift) e = memory = 0.9 * memory + 0.44 * e;
    v *= std::max(0.5, 1 + noise * e);
  }
}

Shape draw_shape(Random& r) {
  constexpr std::array<Shape, 7> kShapes{Shape::smooth,     Shape::bend,  Shape::one_step,
                                         Shape::sawtooth,   Shape::bumps, Shape::drift,
                                         Shape::heavy_tails};
  return r.one_of(kShapes);
}

}  // namespace

std::string_view to_string(Shape s) {
  switch (s) {
    case Shape::waves:
      return "waves";
    case Shape::smooth:
      return "smooth";
    case Shape::bend:
      return "bend";
    case Shape::one_step:
      return "one step";
    case Shape::sawtooth:
      return "sawtooth";
    case Shape::bumps:
      return "bumps";
    case Shape::drift:
      return "drift";
    case Shape::heavy_tails:
      return "heavy tails";
  }
  return "?";
}

Simulated draw(std::uint64_t seed, std::uint64_t index, bool with_waves) {
  Random r(seed ^ (index * 0xD1B54A32D192ED03u + 1));
  constexpr std::array<double, 6> kNoise{0.0003, 0.0005, 0.001, 0.003, 0.006, 0.016};
  Simulated out;
  const Grid g = draw_grid(r);
  out.truth = draw_machine(r);
  out.noise = r.one_of(kNoise);
  out.shape = with_waves ? Shape::waves : draw_shape(r);
  std::vector<std::int64_t> n;
  for (std::int64_t at = g.rule == RowRule::exact ? g.step : 0; at <= g.last; at += g.step)
    n.push_back(at);
  const double start = r.between(50, 20000), rise = r.between(0.1, 2), curve = r.between(-0.2, 0.1);
  std::vector<double> y;
  for (std::int64_t at : n) {
    const double x = static_cast<double>(at) / 65536;
    y.push_back(start * (1 + rise * x + curve * x * x));
  }
  if (with_waves) {
    out.jump = std::exp(r.between(std::log(0.006), std::log(0.1)));
    add_waves(y, n, g, out.truth, out.jump, r.between(0, 1));
  } else {
    add_shape(r, out.shape, y, n);
  }
  add_noise(r, out.shape, out.noise, y);
  Series& s = out.series;
  s.name = std::string(to_string(out.shape));
  s.rule = g.rule;
  s.tokens = g.tokens;
  s.skip_rows = g.rule == RowRule::appending ? 2 : 0;
  s.known.chunk = out.truth.chunk;
  for (std::size_t i = 0; i < n.size(); ++i) {
    Point p;
    p.n_kv = n[i];
    p.time_us = std::round(y[i] / start * 1e5) / 1e5 * start;  // printed with five digits
    s.points.push_back(p);
  }
  out.boundaries = std::ssize(boundaries_in(prepare(s), out.truth, s.rule, s.tokens, 1));
  return out;
}

}  // namespace mlawave::analysis

#include "harness/plan/case.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/config/names.h"
#include "kernels/choose.h"

namespace mlawave::plan {
namespace {

constexpr std::size_t kMaxLengthsInId = 16;

// FNV-1a over the lengths: the same on every machine.
std::uint64_t hash_of(const std::vector<std::int64_t>& lengths) {
  std::uint64_t h = 0xcbf29ce484222325u;
  for (std::int64_t n : lengths)
    for (int byte = 0; byte < 8; ++byte)
      h = (h ^ (static_cast<std::uint64_t>(n) >> (8 * byte) & 0xff)) * 0x100000001b3u;
  return h;
}

std::string n_kv_part(const Case& c) {
  if (c.ragged.empty()) return fmt::format("n{}/", c.n_kv);
  if (c.ragged.size() > kMaxLengthsInId) return fmt::format("nx{:016x}/", hash_of(c.ragged));
  return fmt::format("n{}/", fmt::join(c.ragged, "+"));
}

std::string schedule_part(const schedule::Policy& p) {
  std::string text{schedule::to_string(p.kind)};
  if (!schedule::takes_chunk(p.kind)) return text;
  if (p.kind == schedule::Kind::split_kv) text += fmt::format("{}", p.splits);
  return text + fmt::format("/c{}", p.chunk);
}

std::string problem_part(const Case& c, const std::string& n_kv) {
  std::string text =
      fmt::format("sms{}/b{}/{}h{}/q{}/{}/{}/{}", c.sms, c.batch, n_kv, c.heads, c.s_q,
                  api::to_string(c.dtype), api::to_string(c.layout), config::to_string(c.cache));
  if (c.page_size != 0) text += fmt::format("/page{}", c.page_size);
  if (c.scale != api::kDefaultScale) text += fmt::format("/scale{}", c.scale);
  return text;
}

}  // namespace

api::MlaProblem Case::problem() const {
  const auto lengths = ragged.empty() ? std::vector<std::int64_t>(batch, n_kv) : ragged;
  return api::make_problem(lengths, heads, s_q, dtype, layout, scale, page_size);
}

std::string_view Case::kernel_asked() const { return chosen_by.empty() ? kernel : kAutoKernel; }

std::string Case::id() const {
  return fmt::format("{}/{}/{}/{}", api::to_string(backend), kernel_asked(), schedule_part(policy),
                     problem_part(*this, n_kv_part(*this)));
}

std::string Case::workload_id() const {
  return fmt::format("{}/{}", api::to_string(backend), problem_part(*this, n_kv_part(*this)));
}

std::string Case::series_id() const {
  return fmt::format("{}/{}/{}/{}", api::to_string(backend), kernel_asked(), schedule_part(policy),
                     problem_part(*this, ""));
}

std::string Case::sweep_flags() const {
  std::string text = fmt::format("--backend {} --kernel {} --schedule {}", api::to_string(backend),
                                 kernel_asked(), schedule::to_string(policy.kind));
  if (schedule::takes_chunk(policy.kind)) text += fmt::format(" --chunk {}", policy.chunk);
  if (policy.kind == schedule::Kind::split_kv) text += fmt::format(" --splits {}", policy.splits);
  if (sms != 0) text += fmt::format(" --sms {}", sms);
  text += ragged.empty() ? fmt::format(" --batch {} --n-kv {}", batch, n_kv)
                         : fmt::format(" --ragged {}", fmt::join(ragged, ","));
  text += fmt::format(" --heads {} --s-q {} --dtype {} --layout {} --cache {}", heads, s_q,
                      api::to_string(dtype), api::to_string(layout), config::to_string(cache));
  if (page_size != 0) text += fmt::format(" --page-size {}", page_size);
  if (scale != api::kDefaultScale) text += fmt::format(" --scale {}", scale);
  return text;
}

}  // namespace mlawave::plan

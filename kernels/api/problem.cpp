#include "kernels/api/problem.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace mlawave::api {
namespace {

constexpr std::int64_t kPadRows = 64;
constexpr int kBytesPerElement = 2;

// Pages of every request together.
std::int64_t pages_in_use(const MlaProblem& p) {
  std::int64_t pages = 0;
  for (std::int64_t n : p.n_kv) pages += (n + p.page_size - 1) / p.page_size;
  return pages;
}

template <class Enum, std::size_t N>
using Names = std::array<std::pair<Enum, std::string_view>, N>;

constexpr Names<Backend, 3> kBackends{
    {{Backend::cuda, "cuda"}, {Backend::cpu, "cpu"}, {Backend::model, "model"}}};
constexpr Names<Dtype, 2> kDtypes{{{Dtype::f16, "f16"}, {Dtype::bf16, "bf16"}}};
constexpr Names<Layout, 2> kLayouts{
    {{Layout::rope_nope, "rope_nope"}, {Layout::nope_rope, "nope_rope"}}};

template <class Enum, std::size_t N>
std::string_view name_of(const Names<Enum, N>& names, Enum value) {
  for (const auto& [key, name] : names)
    if (key == value) return name;
  return "?";
}

template <class Enum, std::size_t N>
std::optional<Enum> value_of(const Names<Enum, N>& names, std::string_view text) {
  for (const auto& [key, name] : names)
    if (name == text) return key;
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Backend b) { return name_of(kBackends, b); }
std::string_view to_string(Dtype d) { return name_of(kDtypes, d); }
std::string_view to_string(Layout l) { return name_of(kLayouts, l); }
std::optional<Backend> parse_backend(std::string_view s) { return value_of(kBackends, s); }
std::optional<Dtype> parse_dtype(std::string_view s) { return value_of(kDtypes, s); }
std::optional<Layout> parse_layout(std::string_view s) { return value_of(kLayouts, s); }

std::int64_t MlaProblem::total_kv() const {
  return std::accumulate(n_kv.begin(), n_kv.end(), std::int64_t{0});
}

std::int64_t MlaProblem::kv_rows() const {
  if (page_size > 0) return pages() * page_size;
  std::int64_t rows = 0;
  for (int r = 0; r < batch(); ++r)
    rows = std::max(rows, kv_begin[r] + (n_kv[r] + kPadRows - 1) / kPadRows * kPadRows + kPadRows);
  return rows;
}

std::int64_t MlaProblem::pages() const {
  return page_size == 0 ? 0 : pages_in_use(*this) + batch();
}

std::int64_t MlaProblem::max_pages() const {
  if (page_size == 0 || n_kv.empty()) return 0;
  return (*std::max_element(n_kv.begin(), n_kv.end()) + page_size - 1) / page_size + 1;
}

std::int64_t MlaProblem::visible(int request, int j) const {
  return std::max<std::int64_t>(0, n_kv[request] - (s_q - 1 - j));
}

double MlaProblem::flops() const {
  return 2.0 * (kDQk + kDV) * rows() * static_cast<double>(total_kv());
}

double MlaProblem::bytes() const {
  const double q_and_o =
      static_cast<double>(batch()) * rows() * (kBytesPerElement * (kDQk + kDV) + sizeof(float));
  const double table =
      page_size == 0 ? 0 : sizeof(std::int32_t) * static_cast<double>(pages_in_use(*this));
  return static_cast<double>(kBytesPerElement) * kDQk * static_cast<double>(total_kv()) + q_and_o +
         table;
}

MlaProblem make_problem(std::vector<std::int64_t> n_kv, int heads, int s_q, Dtype dtype,
                        Layout layout, float scale, int page_size) {
  MlaProblem p;
  p.heads = heads;
  p.s_q = s_q;
  p.dtype = dtype;
  p.layout = layout;
  p.scale = scale;
  p.n_kv = std::move(n_kv);
  p.page_size = page_size;
  if (page_size > 0) return p;
  std::int64_t next = 0;
  for (std::int64_t n : p.n_kv) {
    p.kv_begin.push_back(next);
    next += (n + kPadRows - 1) / kPadRows * kPadRows + kPadRows;
  }
  return p;
}

}  // namespace mlawave::api

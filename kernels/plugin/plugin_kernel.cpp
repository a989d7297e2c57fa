#include "kernels/plugin/plugin_kernel.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace mlawave::plugin {
namespace {

constexpr std::uint32_t schedule_code(schedule::Kind kind) {
  switch (kind) {
    case schedule::Kind::stream_k:
      return MLAWAVE_STREAM_K;
    case schedule::Kind::wave:
      return MLAWAVE_WAVE;
    case schedule::Kind::balanced:
      return MLAWAVE_BALANCED;
    case schedule::Kind::split_kv:
      break;
  }
  return MLAWAVE_SPLIT_KV;
}

// A request as C structs; they point into the api::PlanRequest and into each other.
class Request {
 public:
  explicit Request(const api::PlanRequest& r) {
    const api::MlaProblem& p = r.problem;
    problem_.size = sizeof(problem_);
    problem_.batch = p.batch();
    problem_.heads = p.heads;
    problem_.s_q = p.s_q;
    problem_.n_kv = p.n_kv.data();
    problem_.kv_begin = p.page_size > 0 ? nullptr : p.kv_begin.data();
    problem_.kv_rows = p.kv_rows();
    problem_.dtype = p.dtype == api::Dtype::f16 ? MLAWAVE_F16 : MLAWAVE_BF16;
    problem_.layout = p.layout == api::Layout::rope_nope ? MLAWAVE_ROPE_NOPE : MLAWAVE_NOPE_ROPE;
    problem_.scale = p.scale;
    problem_.page_size = p.page_size;
    problem_.max_pages = p.page_size > 0 ? p.max_pages() : 0;
    policy_ = {sizeof(policy_), schedule_code(r.policy.kind), r.policy.chunk, r.policy.splits};
    request_ = {sizeof(request_), r.sms, &problem_, &policy_};
  }
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;
  const mlawave_request* get() const { return &request_; }

 private:
  mlawave_problem problem_{};
  mlawave_policy policy_{};
  mlawave_request request_{};
};

// The buffer for a text from the plugin; what it holds is one line, whatever the plugin wrote.
struct Text {
  std::array<char, 1024> data{};
  std::string str() const {
    std::string text(data.data(), ::strnlen(data.data(), data.size() - 1));
    for (char& c : text)
      if (static_cast<unsigned char>(c) < ' ') c = ' ';
    return text;
  }
};

[[noreturn]] void fail(const char* function, int code, const Text& error) {
  const std::string text = error.str();
  throw std::runtime_error(std::string("plugin ") + function + ": " +
                           (text.empty() ? "error " + std::to_string(code) + ", no text" : text));
}

template <class T>
T not_negative(const char* key, T value) {
  if (value >= 0) return value;
  throw std::runtime_error(std::string("plugin plan_info: ") + key + " is " +
                           std::to_string(value) + ", expected 0 or more");
}

api::PlanInfo info_of(const mlawave_kernel& kernel, void* plan) {
  mlawave_plan_info c{};
  c.size = sizeof(c);
  if (kernel.plan_info) kernel.plan_info(plan, &c);
  return {.rows_per_tile = not_negative("rows_per_tile", c.rows_per_tile),
          .n_tiles = not_negative("n_tiles", c.n_tiles),
          .sms = not_negative("sms", c.sms),
          .ctas_per_sm = not_negative("ctas_per_sm", c.ctas_per_sm),
          .ctas_per_tile = std::max(1, not_negative("ctas_per_tile", c.ctas_per_tile)),
          .slots = not_negative("slots", c.slots),
          .units = not_negative("units", c.units),
          .max_load = not_negative("max_load", c.max_load),
          .partials = not_negative("partials", c.partials),
          .workspace_bytes = not_negative("workspace_bytes", c.workspace_bytes),
          .shared_bytes_per_cta = not_negative("shared_bytes_per_cta", c.shared_bytes_per_cta),
          .registers_per_thread = not_negative("registers_per_thread", c.registers_per_thread),
          .threads_per_cta = not_negative("threads_per_cta", c.threads_per_cta)};
}

class PluginPlan final : public api::Plan {
 public:
  PluginPlan(const mlawave_kernel& kernel, const api::PlanRequest& r) : kernel_(kernel) {
    const Request request(r);
    Text error;
    if (const int code = kernel.plan_create(&kernel, request.get(), &plan_, error.data.data(),
                                            error.data.size()))
      fail("plan_create", code, error);
    try {
      info_ = info_of(kernel, plan_);
    } catch (...) {
      destroy();
      throw;
    }
  }
  ~PluginPlan() override { destroy(); }
  PluginPlan(const PluginPlan&) = delete;
  PluginPlan& operator=(const PluginPlan&) = delete;

  const api::PlanInfo& info() const override { return info_; }

  void launch(const api::MlaTensors& t, api::Phase phase, api::Stream stream) override {
    if (phase == api::Phase::schedule) return;  // no plan of a plugin is made on the device
    const mlawave_tensors tensors{sizeof(mlawave_tensors),
                                  t.q,
                                  t.kv,
                                  kernel_.needs_separate_v ? t.v : nullptr,
                                  t.out,
                                  t.lse,
                                  t.block_table};
    const std::uint32_t code = phase == api::Phase::main ? MLAWAVE_PHASE_MAIN : MLAWAVE_PHASE_WHOLE;
    Text error;
    if (const int failed =
            kernel_.launch(plan_, &tensors, code, stream, error.data.data(), error.data.size()))
      fail("launch", failed, error);
  }

 private:
  void destroy() {
    if (kernel_.plan_destroy) kernel_.plan_destroy(std::exchange(plan_, nullptr));
  }

  const mlawave_kernel& kernel_;
  void* plan_ = nullptr;
  api::PlanInfo info_;
};

}  // namespace

api::Support PluginKernel::supports(const api::PlanRequest& r) const {
  if (const api::Support limits = api::check_limits(r); !limits.ok) return limits;
  if (r.problem.page_size > 0 && !(kernel_.features & MLAWAVE_FEATURE_PAGES))
    return {false, "page_size " + std::to_string(r.problem.page_size) +
                       ": expected 0, the plugin's kernel has no MLAWAVE_FEATURE_PAGES"};
  if (!kernel_.supports) return {};
  const Request request(r);
  Text reason;
  if (kernel_.supports(&kernel_, request.get(), reason.data.data(), reason.data.size())) return {};
  const std::string text = reason.str();
  return {false, text.empty() ? "the plugin gives no reason" : text};
}

std::unique_ptr<api::Plan> PluginKernel::plan(const api::PlanRequest& r) const {
  return std::make_unique<PluginPlan>(kernel_, r);
}

}  // namespace mlawave::plugin

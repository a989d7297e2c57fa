#include "harness/cli/footprint.h"

#include <fmt/format.h>

#include <exception>

#if MLAWAVE_HAS_CUDA
#include "kernels/cuda/base/buffer.h"
#include "kernels/cuda/base/footprint.h"
#include "kernels/cuda/portable/config.h"
#endif

namespace mlawave::cli {

#if MLAWAVE_HAS_CUDA
namespace {

constexpr int kCapabilities[] = {80, 86, 89, 90, 120};  // · 10
// Of each CTA, by the system; an SM has as much more than a CTA may have (CUDA C++ Programming
// Guide 13.0, "Technical Specifications per Compute Capability").
constexpr int kReservedBytes = 1 << 10;

// "80 86 90a" has 80, 86 and 90; "native" and "all" may have any.
bool is_in(std::string_view compiled, int capability) {
  const std::string number = std::to_string(capability);
  for (std::size_t at = 0; (at = compiled.find(number, at)) != compiled.npos; ++at)
    if (at == 0 || compiled[at - 1] == ' ') return true;
  return compiled.find_first_of("0123456789") == compiled.npos;
}

std::vector<cuda::Footprint> footprints(const api::Kernel& kernel,
                                        const api::PlanRequest& request) {
  const api::MlaProblem& p = request.problem;
  const std::size_t rows = static_cast<std::size_t>(p.batch()) * p.rows();
  const cuda::Buffer<std::uint16_t> q(rows * api::kDQk), kv(p.kv_rows() * api::kDQk),
      v(p.kv_rows() * api::kDV), out(rows * api::kDV);
  const cuda::Buffer<float> lse(rows);
  const auto plan = kernel.plan(request);
  return cuda::footprints_of([&](cudaStream_t stream) {
    plan->launch({q.data(), kv.data(), v.data(), out.data(), lse.data()}, api::Phase::whole,
                 stream);
  });
}

}  // namespace

std::vector<std::string> footprint_lines(const api::Kernel& kernel,
                                         const api::PlanRequest& request) {
  if (kernel.backend() != api::Backend::cuda || !kernel.supports(request).ok) return {};
  std::vector<std::string> lines;
  try {
    for (const cuda::Footprint& f : footprints(kernel, request))
      lines.push_back(fmt::format(
          "{}: {} threads x {} registers, {} B local (stack, spills), "
          "shared {} B/CTA, {} CTAs/SM fit",
          f.kernel, f.threads, f.registers, f.local_bytes, f.shared_bytes, f.ctas_per_sm));
  } catch (const std::exception& error) {
    lines.push_back(fmt::format("what it occupies is not known: {}", error.what()));
  }
  return lines;
}

std::vector<std::string> architecture_lines(std::string_view compiled) {
  using namespace cuda::portable;
  std::vector<std::string> lines{
      "what fits elsewhere, by shared memory alone (registers and spills of the compiled kernels: "
      "scripts/kernel_resources.py)"};
  for (const int capability : kCapabilities) {
    if (!is_in(compiled, capability)) continue;
    const int slots = ring_slots(capability), most = shared_bytes_per_cta(capability);
    lines.push_back(
        fmt::format("  sm_{:<3} baseline, tile_reuse: ring of {}, shared {} of {} B/CTA, "
                    "{} CTAs/SM",
                    capability, slots, shared_bytes(slots), most,
                    (most + kReservedBytes) / (shared_bytes(slots) + kReservedBytes)));
  }
  return lines;
}
#else
std::vector<std::string> footprint_lines(const api::Kernel&, const api::PlanRequest&) { return {}; }
std::vector<std::string> architecture_lines(std::string_view) { return {}; }
#endif

}  // namespace mlawave::cli

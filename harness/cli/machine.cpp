#include "harness/cli/machine.h"

#include <fmt/format.h>

#include <tuple>

#include "harness/config/bad_input.h"
#include "harness/measure/cpu/make_device.h"
#include "kernels/choose.h"
#if MLAWAVE_HAS_CUDA
#include "harness/measure/cuda/make_device.h"
#include "kernels/cuda/base/device.h"
#endif

namespace mlawave::cli {
namespace {

std::string why_no_cuda() {
#if MLAWAVE_HAS_CUDA
  return cuda::why_no_device();
#else
  return "this build has no CUDA kernels";
#endif
}

std::unique_ptr<measure::Device> make(api::Backend backend) {
#if MLAWAVE_HAS_CUDA
  if (backend == api::Backend::cuda) return measure::make_cuda_device();
#endif
  return backend == api::Backend::cpu ? measure::make_cpu_device() : nullptr;
}

const api::Kernel* find(api::Kernels kernels, const plan::SlotsQuery& query,
                        const api::PlanRequest& request) {
  if (query.kernel == kAutoKernel) return choose(kernels, request, query.backend).kernel;
  for (const api::Kernel* kernel : kernels)
    if (kernel->backend() == query.backend && kernel->name() == query.kernel) return kernel;
  return nullptr;
}

plan::Slots slots_of(api::Kernels kernels, const plan::SlotsQuery& query, int device_sms) {
  api::PlanRequest request;
  request.problem =
      api::make_problem({schedule::kMaxChunk}, query.heads, query.s_q, api::Dtype::f16,
                        api::Layout::rope_nope, api::kDefaultScale, query.page_size);
  request.sms = query.sms == 0 ? device_sms : query.sms;
  const api::Kernel* kernel = find(kernels, query, request);
  if (!kernel || !kernel->supports(request).ok) return {};
  const api::PlanInfo info = kernel->plan(request)->info();
  return {info.slots, info.n_tiles};
}

}  // namespace

bool Machine::built_with_cuda() {
#if MLAWAVE_HAS_CUDA
  return true;
#else
  return false;
#endif
}

std::string Machine::why_not(api::Backend backend) {
  switch (backend) {
    case api::Backend::cuda:
      return why_no_cuda();
    case api::Backend::cpu:
      return "";
    case api::Backend::model:
      break;
  }
  return "a model is not measured";
}

measure::Device& Machine::open(api::Backend backend) {
  auto& device = devices_[backend];
  if (device) return *device;
  const std::string reason = why_not(backend);
  if (!reason.empty())
    throw config::BadInput(
        fmt::format("backend: got \"{}\", but {}", api::to_string(backend), reason));
  device = make(backend);
  return *device;
}

std::vector<measure::Device*> Machine::open_all(const std::vector<api::Backend>& backends) {
  std::vector<measure::Device*> devices;
  for (api::Backend backend : backends) devices.push_back(&open(backend));
  return devices;
}

void check_sms(const std::vector<int>& sms, const std::vector<measure::Device*>& devices) {
  for (int count : sms) {
    std::string reasons;
    bool possible = false;
    for (measure::Device* device : devices) try {
        device->slice(count);
        possible = true;
      } catch (const measure::Unavailable& error) {
        reasons += (reasons.empty() ? "" : "; ") + std::string(error.what());
      }
    if (!possible) throw config::BadInput(fmt::format("sms: got {}: {}", count, reasons));
  }
}

plan::SlotsOf slots_of_kernels(api::Kernels kernels, std::vector<measure::Device*> devices) {
  using Key = std::tuple<api::Backend, std::string, int, int, int, int>;
  auto known = std::make_shared<std::map<Key, plan::Slots>>();
  return [kernels, devices, known](const plan::SlotsQuery& q) {
    const Key key{q.backend, q.kernel, q.sms, q.heads, q.s_q, q.page_size};
    const auto [it, is_new] = known->try_emplace(key);
    if (!is_new) return it->second;
    for (const measure::Device* device : devices)
      if (device->backend() == q.backend) it->second = slots_of(kernels, q, device->info().sms);
    return it->second;
  };
}

}  // namespace mlawave::cli

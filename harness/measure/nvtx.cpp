#include "harness/measure/nvtx.h"

#ifdef MLAWAVE_HAS_NVTX
#include <nvtx3/nvToolsExt.h>
#endif

namespace mlawave::measure {

std::string range_text(std::string_view case_id) {
  std::string text(case_id);
  for (char& c : text) {
    if (c == '/') c = '.';
    if (std::string_view("@,[]*+\\$").find(c) != std::string_view::npos) c = '-';
  }
  return text;
}

#ifdef MLAWAVE_HAS_NVTX
namespace {

std::uint32_t category(Activity a) { return static_cast<std::uint32_t>(a) + 1; }  // 0: none

nvtxDomainHandle_t domain() {
  static const nvtxDomainHandle_t handle = [] {
    const nvtxDomainHandle_t d = nvtxDomainCreateA("mlawave");
    nvtxDomainNameCategoryA(d, category(Activity::verify), "verify");
    nvtxDomainNameCategoryA(d, category(Activity::warm_up), "warm-up");
    nvtxDomainNameCategoryA(d, category(Activity::sample), "sample");
    nvtxDomainNameCategoryA(d, category(Activity::combine), "combine");
    return d;
  }();
  return handle;
}

}  // namespace

RangeName::RangeName(std::string_view case_id, std::int64_t n_kv)
    : handle_(nvtxDomainRegisterStringA(domain(), range_text(case_id).c_str())), n_kv_(n_kv) {}

Range::Range(const RangeName& name, Activity activity) {
  nvtxEventAttributes_t event{};
  event.version = NVTX_VERSION;
  event.size = NVTX_EVENT_ATTRIB_STRUCT_SIZE;
  event.category = category(activity);
  event.messageType = NVTX_MESSAGE_TYPE_REGISTERED;
  event.message.registered = static_cast<nvtxStringHandle_t>(name.handle_);
  event.payloadType = NVTX_PAYLOAD_TYPE_INT64;
  event.payload.llValue = name.n_kv_;
  nvtxDomainRangePushEx(domain(), &event);
}

Range::~Range() { nvtxDomainRangePop(domain()); }

#else

RangeName::RangeName(std::string_view, std::int64_t n_kv) : n_kv_(n_kv) {}
Range::Range(const RangeName&, Activity) {}
Range::~Range() {}

#endif

}  // namespace mlawave::measure

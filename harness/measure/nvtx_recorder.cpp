// An NVTX tool for tests: writes what a program pushes to the file that MLAWAVE_NVTX_LOG names, one
// range a line, "domain|category|payload|name" when it begins and "end" when it ends.
// Loaded through NVTX_INJECTION64_PATH; see "InitializeInjectionNvtx2" in NVTX's nvtxInit.h.
#include <nvtx3/nvToolsExt.h>

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <string>

namespace {

struct Domain {
  std::string name;
  std::map<std::uint32_t, std::string> categories;
};

std::FILE* log_file() {
  static std::FILE* const file = [] {
    const char* path = std::getenv("MLAWAVE_NVTX_LOG");
    return path ? std::fopen(path, "w") : nullptr;
  }();
  return file;
}

void write_line(const std::string& text) {
  if (!log_file()) return;
  std::fprintf(log_file(), "%s\n", text.c_str());
  std::fflush(log_file());
}

nvtxDomainHandle_t NVTX_API create(const char* name) {
  static std::deque<Domain> domains;
  return reinterpret_cast<nvtxDomainHandle_t>(&domains.emplace_back(Domain{name, {}}));
}

void NVTX_API name_category(nvtxDomainHandle_t domain, std::uint32_t category, const char* name) {
  reinterpret_cast<Domain*>(domain)->categories[category] = name;
}

nvtxStringHandle_t NVTX_API register_string(nvtxDomainHandle_t, const char* text) {
  static std::deque<std::string> strings;  // its elements never move
  return reinterpret_cast<nvtxStringHandle_t>(&strings.emplace_back(text));
}

int NVTX_API push(nvtxDomainHandle_t domain, const nvtxEventAttributes_t* e) {
  const Domain& d = *reinterpret_cast<Domain*>(domain);
  const auto category = d.categories.find(e->category);
  const std::string name = e->messageType == NVTX_MESSAGE_TYPE_REGISTERED
                               ? *reinterpret_cast<std::string*>(e->message.registered)
                               : "not a registered string";
  write_line(d.name + "|" + (category == d.categories.end() ? "?" : category->second) + "|" +
             std::to_string(e->payload.llValue) + "|" + name);
  return 0;
}

int NVTX_API pop(nvtxDomainHandle_t) {
  write_line("end");
  return 0;
}

template <class Function>
NvtxFunctionPointer as_pointer(Function* f) {
  return reinterpret_cast<NvtxFunctionPointer>(f);
}

}  // namespace

extern "C" int InitializeInjectionNvtx2(NvtxGetExportTableFunc_t get_export_table) {
  const auto* tables =
      static_cast<const NvtxExportTableCallbacks*>(get_export_table(NVTX_ETID_CALLBACKS));
  NvtxFunctionTable table = nullptr;
  unsigned int size = 0;
  if (!tables || !tables->GetModuleFunctionTable(NVTX_CB_MODULE_CORE2, &table, &size)) return 0;
  if (size <= NVTX_CBID_CORE2_DomainCreateA) return 0;
  *table[NVTX_CBID_CORE2_DomainCreateA] = as_pointer(create);
  *table[NVTX_CBID_CORE2_DomainNameCategoryA] = as_pointer(name_category);
  *table[NVTX_CBID_CORE2_DomainRegisterStringA] = as_pointer(register_string);
  *table[NVTX_CBID_CORE2_DomainRangePushEx] = as_pointer(push);
  *table[NVTX_CBID_CORE2_DomainRangePop] = as_pointer(pop);
  return 1;
}

#include "kernels/plugin/plugin.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstring>
#include <filesystem>
#include <string_view>
#include <utility>

#include "kernels/plugin/mlawave_plugin.h"
#include "kernels/plugin/plugin_kernel.h"

namespace mlawave::plugin {
namespace {

template <class... Args>
[[noreturn]] void fail(const std::string& path, fmt::format_string<Args...> what, Args&&... args) {
  throw LoadError(path + ": " + fmt::format(what, std::forward<Args>(args)...));
}

std::string last_dl_error(const std::string& absolute) {
  const char* text = ::dlerror();
  std::string error = text ? text : "unknown error";
  // The loader's texts begin with the file, which the message has already.
  if (error.starts_with(absolute + ": ")) error.erase(0, absolute.size() + 2);
  return error;
}

// Absolute, so that "libfoo.so" is the file here and not one on the loader's search path.
void* open_library(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  if (!std::filesystem::exists(absolute, error)) fail(path, "no such file, expected a plugin");
  void* library = ::dlopen(absolute.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library)
    fail(path, "cannot be loaded: {}; expected a shared library built with mlawave_plugin.h",
         last_dl_error(absolute.string()));
  return library;
}

const mlawave_plugin* table_of(const std::string& path) {
  void* symbol = ::dlsym(open_library(path), "mlawave_plugin_entry");
  if (!symbol)
    fail(path,
         "has no function mlawave_plugin_entry, expected the one that mlawave_plugin.h declares");
  decltype(&mlawave_plugin_entry) entry = nullptr;
  std::memcpy(&entry, &symbol, sizeof(entry));
  const mlawave_plugin* table = entry();
  if (!table) fail(path, "mlawave_plugin_entry returned NULL, expected a table");
  return table;
}

void check_size(const std::string& path, const std::string& what, std::size_t size,
                std::size_t expected) {
  if (size < expected) fail(path, "{}: size is {}, expected {} or more", what, size, expected);
}

void check_table(const std::string& path, const mlawave_plugin& table) {
  if (table.abi_version != MLAWAVE_PLUGIN_ABI_VERSION)
    fail(path,
         "plugin ABI version {}, this program has version {}: build it with this program's "
         "mlawave_plugin.h",
         table.abi_version, MLAWAVE_PLUGIN_ABI_VERSION);
  check_size(path, "mlawave_plugin", table.size, sizeof(mlawave_plugin));
  if (!table.name || !table.version) fail(path, "name or version is NULL, expected texts");
  if (table.kernel_count == 0 || !table.kernels) fail(path, "has no kernels, expected one or more");
}

bool is_name(std::string_view name) {
  constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
  return !name.empty() && name.size() <= 64 && name.find_first_not_of(kLetters) == name.npos;
}

void check_kernel(const std::string& path, std::uint32_t index, const mlawave_kernel* k) {
  if (!k) fail(path, "kernel {} is NULL", index);
  check_size(path, fmt::format("kernel {}", index), k->size, sizeof(mlawave_kernel));
  const std::string_view name = k->name ? k->name : "";
  if (!is_name(name))
    fail(path, "kernel {}: name \"{}\", expected 1 to 64 letters, digits and _", index, name);
  if (k->backend != MLAWAVE_BACKEND_CPU && k->backend != MLAWAVE_BACKEND_CUDA)
    fail(path, "{}: backend {}, expected MLAWAVE_BACKEND_CPU or MLAWAVE_BACKEND_CUDA", name,
         k->backend);
  if (!k->plan_create || !k->launch)
    fail(path, "{}: {} is NULL, expected a function", name,
         k->plan_create ? "launch" : "plan_create");
}

}  // namespace

Plugin::Plugin(const std::string& path) : path_(path) {
  const mlawave_plugin* table = table_of(path);
  check_table(path, *table);
  name_ = table->name;
  version_ = table->version;
  for (std::uint32_t i = 0; i < table->kernel_count; ++i) {
    check_kernel(path, i, table->kernels[i]);
    kernels_.push_back(std::make_unique<PluginKernel>(*table->kernels[i], path_));
    views_.push_back(kernels_.back().get());
  }
}

Plugin::~Plugin() = default;

}  // namespace mlawave::plugin

// What a run is: the machine, the build, the config. Line 1 of every run file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernels/api/problem.h"

namespace mlawave::record {

inline constexpr int kSchemaVersion = 1;

// What this device reaches, measured at the start of the run; 0: not measured.
struct Ceilings {
  double read_gb_per_s = 0;  // device memory (CPU: all threads), far larger than the last cache
  double matrix_tflop_per_s = 0;  // f16 matrix product with f32 sums (CPU: f32 fused multiply-add)
};

// One backend's device. Absent where the device or its driver does not say.
struct DeviceInfo {
  api::Backend backend = api::Backend::cuda;
  std::string name;  // "NVIDIA H100 80GB HBM3"; CPU: model name
  std::string uuid;
  std::string compute_capability;  // "9.0"; CPU: SIMD target
  int sms = 0;                     // CPU: logical cores this process may use
  std::int64_t l2_bytes = 0;       // CPU: last-level cache
  std::int64_t memory_bytes = 0;   // total
  std::int64_t shared_bytes_per_sm = 0;
  std::string driver;        // "580.95.05"
  std::string cuda_driver;   // newest CUDA the driver supports, "13.0"
  std::string cuda_runtime;  // "13.0"
  std::optional<int> max_sm_clock_mhz, max_mem_clock_mhz;
  std::optional<double> power_limit_w;
  std::optional<bool> ecc;
  Ceilings ceilings;
};

struct HostInfo {
  std::string name;
  std::string cpu;
  int logical_cpus = 0;
  std::string os;
};

struct BuildInfo {
  std::string version;       // of mlawave
  std::string git_revision;  // "-dirty" at the end when files differed; "unknown" outside git
  std::string build_type;
  std::string compiler;
  std::string flags;
  std::string cuda_architectures;  // empty: built without CUDA
};

// A shared library whose kernels could be swept.
struct PluginInfo {
  std::string path;  // as given
  std::string name;  // its own, with its version
  std::string version;
  std::string sha256;  // of the file, 64 hex digits
  int abi_version = 0;
  std::vector<std::string> kernels;
};

struct RunInfo {
  int schema_version = kSchemaVersion;
  std::string start_time_utc;  // "2026-01-31T23:59:59Z"
  std::string command_line;
  std::string config_json;  // canonical
  std::string config_hash;
  HostInfo host;
  BuildInfo build;
  std::vector<DeviceInfo> devices;  // one for each backend used
  std::vector<PluginInfo> plugins;
};

}  // namespace mlawave::record

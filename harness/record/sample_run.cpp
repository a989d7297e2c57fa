#include "harness/record/sample_run.h"

#include <limits>

namespace mlawave::record::sample {

RunInfo run_info() {
  RunInfo r;
  r.start_time_utc = "2026-01-31T23:59:59Z";
  r.command_line = "mlawave sweep configs/x.json --out out/\"quoted\"";
  r.config_json = R"({"heads":[16],"n_kv":"256:66560:256"})";
  r.config_hash = "0123456789abcdef";
  r.host = {"box", "Some CPU", 8, "Linux 6.1"};
  r.build = {"0.1.0", "abc123-dirty", "Release", "GNU 12.2.0", "-O3", "90a"};
  DeviceInfo d;
  d.backend = api::Backend::cuda;
  d.name = "NVIDIA H100 80GB HBM3";
  d.uuid = "GPU-1";
  d.compute_capability = "9.0";
  d.sms = 132;
  d.l2_bytes = 52428800;
  d.memory_bytes = 85017493504;
  d.shared_bytes_per_sm = 233472;
  d.driver = "580.95.05";
  d.cuda_driver = d.cuda_runtime = "13.0";
  d.max_sm_clock_mhz = 1980;
  d.power_limit_w = 700;
  d.ecc = true;
  d.ceilings = {3057, 798};
  r.devices = {d};
  r.plugins = {{"./my.so", "my kernels", "1.2", std::string(64, 'a'), 1, {"my_kernel"}}};
  return r;
}

Record skipped() {
  Record r;
  r.what.kernel = "tile_reuse";
  r.what.n_kv = 4096;
  r.id = r.what.id();
  r.status = Status::skipped;
  r.reason = "needs 99 bytes of device memory, 1 are free";
  r.timing = "batch";
  r.command = "mlawave sweep --kernel tile_reuse --n-kv 4096 --out repro";
  return r;
}

Record measured() {
  Record r = skipped();
  r.what.chosen_by = "auto: 16 query rows, at most 32";
  r.what.policy = {schedule::Kind::split_kv, 128, 7};
  r.what.ragged = {4641, 45118, 1730, 1696};
  r.what.batch = 4;
  r.what.n_kv = 45118;
  r.what.sms = 76;
  r.what.dtype = api::Dtype::bf16;
  r.what.layout = api::Layout::nope_rope;
  r.what.page_size = 64;
  r.what.cache = config::Cache::hot;
  r.what.scale = 0.1f;
  r.id = r.what.id();
  r.status = Status::ok;
  r.reason.clear();
  r.plan = {.rows_per_tile = 16,
            .n_tiles = 1,
            .sms = 76,
            .ctas_per_sm = 2,
            .ctas_per_tile = 1,
            .slots = 152,
            .units = 209,
            .max_load = 2,
            .partials = 28,
            .workspace_bytes = 1000000,
            .shared_bytes_per_cta = 56144,
            .registers_per_thread = 168,
            .threads_per_cta = 256,
            .evict_first = true};
  r.partition = {76, 76, SmMode::partition, {0, 1, 2, 3, 40, 42, 43}};
  r.error = Error{2.5e-4, 0.001, 1e-6, 8e-3};
  r.samples = {
      {17.25, 1980, false}, {99.5, 1200, true}, {17.125, 1965, false}, {17.5, 1980, false}};
  r.main_samples = {{14.0, 1980, false}};
  r.stopped_by = "interval";
  r.launches_per_sample = 16;
  r.cache_copies = 4;
  r.sensors = {350.5, 41.0, 1980, 2619, {"sw_power_cap"}};
  return r;
}

Record wrong() {
  Record r = skipped();
  r.what.n_kv = 8192;
  r.id = r.what.id();
  r.status = Status::wrong;
  r.reason = "out[2] is NaN";
  r.error = Error{std::numeric_limits<double>::infinity(), 1,
                  std::numeric_limits<double>::quiet_NaN(), 1e-3};
  return r;
}

AaCheck aa() {
  AaCheck a;
  a.id = measured().id;
  a.first = {{10, 1980, false}, {10, 1980, false}, {20, 1000, true}};
  a.second = {{10.25, 1980, false}, {10.5, 1980, false}, {10, 1980, false}};
  return a;
}

Resumption resumption() { return {"2026-02-01T00:00:09Z", "mlawave sweep --resume", "abc124"}; }

}  // namespace mlawave::record::sample

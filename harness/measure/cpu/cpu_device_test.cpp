#include "harness/measure/cpu/cpu_device.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <set>

#include "harness/env/host.h"
#include "harness/measure/cpu/cpu_ceilings.h"
#include "kernels/api/cache_rows.h"
#include "kernels/api/half.h"
#include "kernels/reference/reference.h"

namespace mlawave::measure {
namespace {

using api::Dtype;
using api::Layout;

api::MlaProblem ragged(Layout layout = Layout::rope_nope, int page_size = 0) {
  return api::make_problem({3, 0, 65}, 2, 2, Dtype::bf16, layout, api::kDefaultScale, page_size);
}

workload::FillSpec hot(bool separate_v = false) { return {7, config::Cache::hot, separate_v}; }

TEST(CpuDevice, SaysWhatItIs) {
  CpuDevice device;
  EXPECT_EQ(device.backend(), api::Backend::cpu);
  EXPECT_GE(device.info().sms, 1);
  EXPECT_GE(device.info().l2_bytes, 1 << 16);
  EXPECT_GT(device.info().memory_bytes, device.info().l2_bytes);
  EXPECT_FALSE(device.info().name.empty());
  EXPECT_TRUE(device.healthy());
  EXPECT_FALSE(device.sensors().power_w.has_value());
}

TEST(CpuDevice, SlicesAreThreads) {
  CpuDevice device;
  const record::Partition one = device.slice(1).partition();
  EXPECT_EQ(one.sms, 1);
  EXPECT_EQ(one.mode, record::SmMode::threads);
  EXPECT_EQ(one.sm_ids, std::vector{env::allowed_cpus()[0]});
  EXPECT_EQ(device.slice(0).partition().sms, device.info().sms);
  EXPECT_EQ(&device.slice(1), &device.slice(1));
  EXPECT_THROW(device.slice(device.info().sms + 1), Unavailable);
}

TEST(CpuDevice, HasNoGraphs) {
  CpuDevice device;
  const auto w = device.load(ragged(), hot());
  EXPECT_THROW(device.timer(device.slice(1), *w, [](const auto&) {}, {1, config::Timing::graph}),
               Unavailable);
}

TEST(CpuDevice, SaysHowMuchMemoryIsMissing) {
  CpuDevice device;
  const auto p = api::make_problem({std::int64_t{1} << 40}, 16, 1, Dtype::f16, Layout::rope_nope);
  try {
    device.load(p, hot());
    FAIL() << "a cache of a petabyte was loaded";
  } catch (const NotEnoughMemory& e) {
    EXPECT_GT(e.bytes_needed, e.bytes_available);
  }
}

class CpuWorkloads : public testing::TestWithParam<int> {};  // page_size

TEST_P(CpuWorkloads, HoldWhatFillSays) {
  CpuMemory memory;
  memory.cache_bytes = 1 << 16;
  const auto p = ragged(Layout::rope_nope, GetParam());
  const CpuWorkload w(memory, p, {7, config::Cache::cold, true});
  ASSERT_EQ(w.copies(), 4);  // 68 rows of 1152 bytes are more than a quarter of 4 × 64 KiB
  std::set<std::int64_t> owned;
  for (int r = 0; r < p.batch(); ++r)
    for (std::int64_t token = 0; token < p.n_kv[r]; ++token)
      owned.insert(api::cache_rows(p, w.tensors(0), r)[token]);
  ASSERT_EQ(owned.size(), 68u);
  for (int copy : {0, 3}) {
    const api::MlaTensors t = w.tensors(copy);
    const auto* kv = static_cast<const std::uint16_t*>(t.kv);
    const auto* v = static_cast<const std::uint16_t*>(t.v);
    for (std::int64_t row = 0; row < p.kv_rows(); ++row) {
      for (int c : {0, 63, 64, 575}) {
        const float value = workload::value(7, workload::Tensor::kv, row * api::kDQk + c);
        ASSERT_EQ(kv[row * api::kDQk + c],
                  owned.contains(row) ? api::float_to_bf16(value) : workload::kNan16);
      }
      for (int c : {0, 511}) ASSERT_EQ(v[row * api::kDV + c], kv[row * api::kDQk + 64 + c]);
    }
  }
  const auto* q = static_cast<const std::uint16_t*>(w.tensors(0).q);
  EXPECT_EQ(q[5000], api::float_to_bf16(workload::value(7, workload::Tensor::q, 5000)));
}

INSTANTIATE_TEST_SUITE_P(PageSize, CpuWorkloads, testing::Values(0, 1, 16, 64, 128));

TEST(CpuWorkload, SeparateVOnlyWhereAsked) {
  CpuDevice device;
  EXPECT_EQ(device.load(ragged(), hot())->tensors(0).v, nullptr);
}

TEST(CpuWorkload, OutputIsPoisonedUntilWritten) {
  CpuDevice device;
  const auto w = device.load(ragged(), hot());
  w->poison_output();
  const std::int64_t rows = 3 * 2 * 2;
  EXPECT_EQ(w->read_output().unwritten, rows * 513);
  w->tensors(0).lse[1] = 2.5f;
  static_cast<std::uint16_t*>(w->tensors(0).out)[0] = api::float_to_bf16(1.5f);
  const workload::Output o = w->read_output();
  EXPECT_EQ(o.unwritten, rows * 513 - 2);
  EXPECT_EQ(o.lse[1], 2.5);
  EXPECT_EQ(o.out[0], 1.5);
}

TEST(CpuWorkload, ReferenceIsTheOraclesAnswer) {
  CpuDevice device;
  for (Layout layout : {Layout::rope_nope, Layout::nope_rope})
    for (int page_size : {0, 1, 64}) {
      const auto p = ragged(layout, page_size);
      const auto w = device.load(p, hot());
      const workload::Output o = w->reference();
      const reference::Answer answer = reference::attention(p, w->tensors(0));
      EXPECT_EQ(o.out, answer.out);
      EXPECT_EQ(o.lse, answer.lse);
      EXPECT_EQ(o.unwritten, 0);
    }
}

TEST(CopiesFor, TotalIsAtLeastFourCaches) {
  const std::int64_t cache = 32 << 20;
  for (std::int64_t n_kv : {1, 256, 4096, 65536, 1000000}) {
    const auto p = api::make_problem({n_kv}, 16, 1, Dtype::f16, Layout::rope_nope);
    const int copies = copies_for(p, {1, config::Cache::cold, false}, cache);
    EXPECT_GE(copies, 2);
    EXPECT_TRUE(copies == 4096 || copies * n_kv * 1152 >= 4 * cache) << n_kv;
    EXPECT_EQ(copies_for(p, hot(), cache), 1);
  }
}

TEST(CpuTimer, RotatesOverTheCopiesFromSampleToSample) {
  CpuDevice device;
  const auto p = api::make_problem({64}, 1, 1, Dtype::f16, Layout::rope_nope);
  CpuMemory memory;
  memory.cache_bytes = 5 * 64 * 1152 / 4 - 1;
  CpuWorkload w(memory, p, {7, config::Cache::cold, false});
  ASSERT_EQ(w.copies(), 5);
  std::vector<const void*> seen;
  CpuTimer timer(
      w, [&](const api::MlaTensors& t) { seen.push_back(t.kv); }, 3);
  CpuTimer other(
      w, [&](const api::MlaTensors& t) { seen.push_back(t.kv); }, 2);
  EXPECT_GE(timer.sample().time_us, 0);
  other.sample();
  EXPECT_EQ(std::set<const void*>(seen.begin(), seen.end()).size(), 5u);
  timer.sample();
  EXPECT_EQ(seen[5], seen[0]);
}

TEST(CpuCeilings, AreMeasured) {
  const record::Ceilings c = measure_cpu_ceilings(1 << 20, 1000);
  EXPECT_GT(c.read_gb_per_s, 0);
  EXPECT_GT(c.matrix_tflop_per_s, 0);
}

}  // namespace
}  // namespace mlawave::measure

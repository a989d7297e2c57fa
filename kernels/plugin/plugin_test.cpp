// Good and faulty shared libraries, built as a stranger would. What crashes is in
// harness/cli/plugin_test.cpp.
#include "kernels/plugin/plugin.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <random>

#include "kernels/api/cache_rows.h"
#include "kernels/api/half.h"
#include "kernels/api/paged_test.h"
#include "kernels/plugin/mlawave_plugin.h"
#include "kernels/reference/reference.h"

namespace mlawave::plugin {
namespace {

std::string path_of(const std::string& name) { return MLAWAVE_PLUGINS "/" + name + ".so"; }

std::string load_error(const std::string& path) {
  try {
    Plugin plugin(path);
  } catch (const LoadError& error) {
    return error.what();
  }
  return "loaded";
}

const api::Kernel& kernel_of(const Plugin& plugin, std::string_view name) {
  for (const api::Kernel* kernel : plugin.kernels())
    if (kernel->name() == name) return *kernel;
  throw std::logic_error("no such kernel");
}

api::PlanRequest request(api::Dtype dtype = api::Dtype::f16,
                         api::Layout layout = api::Layout::rope_nope, int page_size = 0) {
  return {
      api::make_problem({0, 1, 3, 70}, 3, 4, dtype, layout, api::kDefaultScale, page_size), {}, 1};
}

TEST(Plugin, SaysWhatItIs) {
  const Plugin plugin(path_of("example_cpu"));
  EXPECT_EQ(plugin.name(), "example_cpu");
  EXPECT_EQ(plugin.version(), "1.0");
  EXPECT_EQ(plugin.path(), path_of("example_cpu"));
  ASSERT_EQ(plugin.kernels().size(), 1u);
  const api::Kernel& kernel = *plugin.kernels()[0];
  EXPECT_EQ(kernel.name(), "example_cpu");
  EXPECT_EQ(kernel.backend(), api::Backend::cpu);
  EXPECT_EQ(kernel.plugin(), plugin.path());
  EXPECT_FALSE(kernel.needs_separate_v());
  EXPECT_FALSE(kernel.description().empty());
}

// Ragged, with an empty request and rows that see no token; unused cache rows are NaN, unused
// entries of the block table no pages.
class PluginExample
    : public testing::TestWithParam<std::tuple<api::Dtype, api::Layout, int /* page_size */>> {};
INSTANTIATE_TEST_SUITE_P(All, PluginExample,
                         testing::Combine(testing::Values(api::Dtype::f16, api::Dtype::bf16),
                                          testing::Values(api::Layout::rope_nope,
                                                          api::Layout::nope_rope),
                                          testing::Values(0, 1, 16)));

TEST_P(PluginExample, IsRight) {
  const auto [dtype, layout, page_size] = GetParam();
  const Plugin plugin(path_of("example_cpu"));
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  const api::PlanRequest r = request(dtype, layout, page_size);
  const api::MlaProblem& p = r.problem;
  const std::size_t rows = static_cast<std::size_t>(p.batch()) * p.rows();
  std::vector<std::uint16_t> q(rows * api::kDQk), kv(p.kv_rows() * api::kDQk, 0x7fff);
  std::vector<std::uint16_t> out(rows * api::kDV, 0x7fff);
  std::vector<float> lse(rows, NAN);
  const std::vector<std::int32_t> table = api::shuffled_pages(p, random);
  const api::MlaTensors t{q.data(),   kv.data(),  nullptr,
                          out.data(), lse.data(), page_size > 0 ? table.data() : nullptr};
  for (auto& x : q) x = api::from_float(normal(random), dtype);
  for (int i = 0; i < p.batch(); ++i)
    for (std::int64_t token = 0; token < p.n_kv[i]; ++token)
      for (int column = 0; column < api::kDQk; ++column)
        kv[api::cache_rows(p, t, i)[token] * api::kDQk + column] =
            api::from_float(normal(random), dtype);
  ASSERT_TRUE(plugin.kernels()[0]->supports(r).ok);
  plugin.kernels()[0]->plan(r)->launch(t, api::Phase::whole, nullptr);
  const reference::Answer answer = reference::attention(p, t);
  for (std::size_t i = 0; i < out.size(); ++i)
    ASSERT_NEAR(api::to_float(out[i], dtype), answer.out[i], dtype == api::Dtype::f16 ? 2e-3 : 2e-2)
        << i;
  for (std::size_t i = 0; i < rows; ++i)
    if (std::isinf(answer.lse[i]))
      ASSERT_EQ(lse[i], answer.lse[i]);
    else
      ASSERT_NEAR(lse[i], answer.lse[i], 1e-4);
}

TEST(Plugin, UnusableLibrariesSayWhy) {
  EXPECT_EQ(load_error("/none.so"), "/none.so: no such file, expected a plugin");
  const std::string version = path_of("faulty_version");
  EXPECT_EQ(load_error(version),
            version +
                ": plugin ABI version 99, this program has version 1: build it with this "
                "program's mlawave_plugin.h");
  EXPECT_EQ(load_error(path_of("faulty_symbol")),
            path_of("faulty_symbol") +
                ": has no function mlawave_plugin_entry, expected the one that mlawave_plugin.h "
                "declares");
  EXPECT_EQ(load_error(path_of("faulty_function")),
            path_of("faulty_function") + ": wrong: launch is NULL, expected a function");
  EXPECT_EQ(load_error(path_of("faulty_name")),
            path_of("faulty_name") +
                ": kernel 0: name \"not,wrong\", expected 1 to 64 letters, digits and _");
}

TEST(Plugin, NotALibrarySaysSo) {
  const std::string path =
      std::filesystem::path(testing::TempDir()) / fmt::format("text{}.so", ::getpid());
  std::ofstream(path) << "not a library, but long enough to hold an ELF header if it were one";
  const std::string error = load_error(path);
  EXPECT_EQ(error.rfind(path + ": cannot be loaded: ", 0), 0u) << error;
  EXPECT_NE(error.find("; expected a shared library built with mlawave_plugin.h"), error.npos);
  EXPECT_EQ(load_error(testing::TempDir()).rfind(testing::TempDir() + ": cannot be loaded", 0), 0u);
  std::filesystem::remove(path);
}

TEST(Plugin, ErrorsBecomeExceptionsWithTheirText) {
  const Plugin plugin(path_of("faulty"));
  const auto error_of = [&](const char* name) -> std::string {
    try {
      kernel_of(plugin, name).plan(request())->launch({}, api::Phase::whole, nullptr);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(error_of("fails_in_plan"), "plugin plan_create: no luck");
  EXPECT_EQ(error_of("fails"), "plugin launch: error 5, no text");
  EXPECT_EQ(error_of("has_negative_info"), "plugin plan_info: units is -1, expected 0 or more");
  EXPECT_EQ(error_of("wrong"), "");
  const api::Support no = kernel_of(plugin, "refuses").supports(request());
  EXPECT_FALSE(no.ok);
  EXPECT_EQ(no.reason, "not on a Thursday");  // one line
}

// A phase that plugins have no part in.
TEST(Plugin, IsNotLaunchedForTheSchedule) {
  const Plugin plugin(path_of("faulty"));
  const auto plan = kernel_of(plugin, "fails").plan(request());
  EXPECT_NO_THROW(plan->launch({}, api::Phase::schedule, nullptr));
  EXPECT_THROW(plan->launch({}, api::Phase::main, nullptr), std::runtime_error);
}

// The public limits hold for plugins too: theirs is asked only for what the header promises.
TEST(Plugin, LimitsComeFirst) {
  const Plugin plugin(path_of("faulty"));
  api::PlanRequest r = request();
  r.problem.heads = 129;
  EXPECT_EQ(kernel_of(plugin, "refuses").supports(r).reason, "heads 129: expected 1..128");
}

TEST(Plugin, GetsPagesOnlyWhereItTakesThem) {
  const Plugin plugin(path_of("faulty"));
  const api::PlanRequest r = request(api::Dtype::f16, api::Layout::rope_nope, 16);
  EXPECT_EQ(kernel_of(plugin, "wrong").supports(r).reason,
            "page_size 16: expected 0, the plugin's kernel has no MLAWAVE_FEATURE_PAGES");
}

TEST(Header, HasSeesHowLongAStructIs) {
  mlawave_problem p{};
  p.size = offsetof(mlawave_problem, scale);
  EXPECT_TRUE(MLAWAVE_HAS(&p, layout));
  EXPECT_FALSE(MLAWAVE_HAS(&p, scale));
  p.size += sizeof(p.scale);
  EXPECT_TRUE(MLAWAVE_HAS(&p, scale));
  p.size = 56;  // of the first header, whose last four bytes were padding
  EXPECT_FALSE(MLAWAVE_HAS(&p, page_size));
  EXPECT_FALSE(MLAWAVE_HAS(&p, max_pages));
}

}  // namespace
}  // namespace mlawave::plugin

// The configs that come with the project read without an error and plan what they say.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "harness/config/json_text.h"
#include "harness/config/read.h"
#include "harness/plan/plan.h"

namespace mlawave::plan {
namespace {

TEST(Configs, ReadAndPlan) {
  const config::KnownNames known{{"baseline", "tile_reuse"}, ""};
  std::map<std::string, std::size_t> cases;
  for (const auto& entry : std::filesystem::directory_iterator(MLAWAVE_CONFIGS)) {
    const std::string path = entry.path().string();
    config::SweepConfig c = config::parse(config::read_config_file(path), path, known);
    EXPECT_EQ(c.name, entry.path().stem().string());
    EXPECT_FALSE(c.description.empty()) << path;
    if (c.backends.empty()) c.backends = {api::Backend::cpu};
    cases[c.name] = Plan(c).size();
  }
  const std::map<std::string, std::size_t> expected{
      {"pr408", 520}, {"sm_axis", 1300}, {"chunk_axis", 1300}, {"heads128", 1040},
      {"cpu", 144},   {"smoke", 12},     {"pages", 32}};
  EXPECT_EQ(cases, expected);
}

}  // namespace
}  // namespace mlawave::plan

// mlawave_gbench CONFIG [--benchmark_…]: the cases of a config behind Google Benchmark's front end.
//
// The harness does the measuring: a case is verified, warmed up and sampled as in a sweep, and the
// benchmark loop only hands the samples over as manual times. So the number of iterations is fixed
// (policy.min_samples), and a time of microseconds does not make the library look for more.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <memory>
#include <vector>

#include "harness/cli/machine.h"
#include "harness/cli/setup.h"
#include "harness/config/bad_input.h"
#include "harness/env/build.h"
#include "harness/export/derived.h"
#include "harness/measure/warm_up.h"
#include "harness/plan/plan.h"
#include "harness/run/group.h"
#include "kernels/registry.h"

namespace mlawave::cli {
namespace {

class Bench {
 public:
  explicit Bench(const char* config_file)
      : plan_(make_plan(config_file)), policy_(plan_.config().policy) {
    policy_.max_samples = policy_.min_samples;
    policy_.aa_fraction = 0;
    policy_.phases = false;
  }

  void register_all() {
    for (std::size_t i = 0; i < plan_.size(); ++i)
      benchmark::RegisterBenchmark(plan_.at(i).id().c_str(),
                                   [this, i](benchmark::State& state) { run(state, plan_.at(i)); })
          ->UseManualTime()
          ->Iterations(policy_.min_samples)
          ->Unit(benchmark::kMicrosecond);
  }

  bool failed() const { return failed_; }

 private:
  plan::Plan make_plan(const char* file) {
    config::SweepConfig config =
        load_config(file, {}, known_names(all_kernels(), Machine::built_with_cuda()));
    const std::string chosen = choose_backends(config, Machine::why_not);
    if (!chosen.empty()) fmt::print(stderr, "{}\n", chosen);
    require_backends(config, Machine::why_not);
    const auto devices = machine_.open_all(config.backends);
    check_sms(config.sms, devices);
    return plan::Plan(config, slots_of_kernels(all_kernels(), devices));
  }

  // Entered once for each repetition.
  void run(benchmark::State& state, const plan::Case& one) {
    measure::Device& device = machine_.open(one.backend);
    const run::GroupContext context{policy_, all_kernels(), device, warm_up_, [] { return false; }};
    const record::Record record = run::Group(context, {one}).run().records.at(0);
    if (record.status != record::Status::ok) {
      failed_ |= record.status != record::Status::skipped;
      return state.SkipWithError(record.reason.c_str());
    }
    std::size_t next = 0;
    for (auto _ : state)
      state.SetIterationTime(record.samples[next++ % record.samples.size()].time_us * 1e-6);
    // The same counters for every case, as the CSV reporter wants; none of them is ever NaN.
    const exporting::Derived derived = exporting::derive(record, {});
    state.counters["gb_per_s"] = derived.gb_per_s.value_or(0);
    state.counters["tflop_per_s"] = derived.tflop_per_s.value_or(0);
    state.counters["units"] = static_cast<double>(record.plan.units);
    state.counters["slots"] = record.plan.slots;
    state.counters["max_load"] = static_cast<double>(record.plan.max_load);
  }

  Machine machine_;
  measure::WarmUp warm_up_;
  plan::Plan plan_;
  config::Policy policy_;
  bool failed_ = false;
};

int run_gbench(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (argc != 2 || argv[1][0] == '-')
    throw config::BadInput(
        argc < 2 ? "CONFIG: not given, expected a JSON file of configs/"
                 : fmt::format("{}: expected one CONFIG and --benchmark_ flags", argv[argc - 1]));
  Bench bench(argv[1]);
  const record::BuildInfo build = env::build_info();
  benchmark::AddCustomContext("mlawave", build.version + " " + build.git_revision);
  bench.register_all();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return bench.failed() ? 1 : 0;
}

}  // namespace
}  // namespace mlawave::cli

int main(int argc, char** argv) {
  try {
    return mlawave::cli::run_gbench(argc, argv);
  } catch (const mlawave::config::BadInput& error) {
    fmt::print(stderr, "mlawave_gbench: {}\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "mlawave_gbench: {}\n", error.what());
    return 1;
  }
}
